package io.equator.model.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors as they stand on the wire. */
class ErrorCodeTest {

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          ValidationException, com.amazon.coral.validate#, 400, message
          SerializationException, com.amazon.coral.service#, 400, Message
          UnknownOperationException, com.amazon.coral.service#, 400, message
          AccessDeniedException, com.amazon.coral.service#, 400, Message
          ThrottlingException, com.amazon.coral.service#, 400, message
          InternalFailure, com.amazon.coral.service#, 500, message
          ServiceUnavailableException, com.amazon.coral.service#, 503, message
          ResourceNotFoundException, com.amazonaws.dynamodb.v20120810#, 400, message
          ConditionalCheckFailedException, com.amazonaws.dynamodb.v20120810#, 400, message
          TransactionCanceledException, com.amazonaws.dynamodb.v20120810#, 400, Message
          TransactionInProgressException, com.amazonaws.dynamodb.v20120810#, 400, Message
          IdempotentParameterMismatchException, com.amazonaws.dynamodb.v20120810#, 400, Message
          ReplicatedWriteConflictException, com.amazonaws.dynamodb.v20120810#, 409, message
          RequestLimitExceeded, com.amazonaws.dynamodb.v20120810#, 400, message
          InternalServerError, com.amazonaws.dynamodb.v20120810#, 500, message
          """)
  void standsOnTheWireAsModelled(String code, String prefix, int status, String member) {
    ErrorCode error = ErrorCode.ofCode(code);
    assertThat(error).isNotNull();
    assertThat(error.typePrefix()).isEqualTo(prefix);
    assertThat(error.type()).isEqualTo(prefix + code);
    assertThat(error.httpStatus()).isEqualTo(status);
    assertThat(error.messageMember()).isEqualTo(member);
  }

  @Test
  void unknownCodesAreNone() {
    assertThat(ErrorCode.ofCode("NoSuchException")).isNull();
  }
}
