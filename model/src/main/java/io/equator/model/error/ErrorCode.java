package io.equator.model.error;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every error that the API can answer with: its name, the namespace before the name in {@code
 * __type}, the HTTP status, and how the member with the message is spelled.
 *
 * <p>The spelling matters: typed SDKs read the modelled member only. {@code ValidationException}
 * and the other errors of the service frame are in no operation's model and take {@code message},
 * except for the few that say {@code Message}.
 */
public enum ErrorCode {
  VALIDATION("ValidationException", Namespace.VALIDATE, 400, MessageMember.LOWER),

  SERIALIZATION("SerializationException", Namespace.SERVICE, 400, MessageMember.UPPER),
  UNKNOWN_OPERATION("UnknownOperationException", Namespace.SERVICE, 400, MessageMember.LOWER),
  ACCESS_DENIED("AccessDeniedException", Namespace.SERVICE, 400, MessageMember.UPPER),
  MISSING_AUTHENTICATION_TOKEN(
      "MissingAuthenticationTokenException", Namespace.SERVICE, 400, MessageMember.LOWER),
  INCOMPLETE_SIGNATURE("IncompleteSignatureException", Namespace.SERVICE, 400, MessageMember.LOWER),
  INVALID_SIGNATURE("InvalidSignatureException", Namespace.SERVICE, 400, MessageMember.LOWER),
  UNRECOGNIZED_CLIENT("UnrecognizedClientException", Namespace.SERVICE, 400, MessageMember.LOWER),
  EXPIRED_TOKEN("ExpiredTokenException", Namespace.SERVICE, 400, MessageMember.LOWER),
  THROTTLING("ThrottlingException", Namespace.SERVICE, 400, MessageMember.LOWER),
  INTERNAL_FAILURE("InternalFailure", Namespace.SERVICE, 500, MessageMember.LOWER),
  SERVICE_UNAVAILABLE("ServiceUnavailableException", Namespace.SERVICE, 503, MessageMember.LOWER),

  RESOURCE_NOT_FOUND("ResourceNotFoundException"),
  RESOURCE_IN_USE("ResourceInUseException"),
  CONDITIONAL_CHECK_FAILED("ConditionalCheckFailedException"),
  LIMIT_EXCEEDED("LimitExceededException"),
  ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED("ItemCollectionSizeLimitExceededException"),
  PROVISIONED_THROUGHPUT_EXCEEDED("ProvisionedThroughputExceededException"),
  REQUEST_LIMIT_EXCEEDED("RequestLimitExceeded"),
  INTERNAL_SERVER_ERROR("InternalServerError", Namespace.DYNAMODB, 500, MessageMember.LOWER),
  TRANSACTION_CANCELED(
      "TransactionCanceledException", Namespace.DYNAMODB, 400, MessageMember.UPPER),
  TRANSACTION_CONFLICT("TransactionConflictException"),
  TRANSACTION_IN_PROGRESS(
      "TransactionInProgressException", Namespace.DYNAMODB, 400, MessageMember.UPPER),
  IDEMPOTENT_PARAMETER_MISMATCH(
      "IdempotentParameterMismatchException", Namespace.DYNAMODB, 400, MessageMember.UPPER),
  REPLICATED_WRITE_CONFLICT(
      "ReplicatedWriteConflictException", Namespace.DYNAMODB, 409, MessageMember.LOWER),
  DUPLICATE_ITEM("DuplicateItemException"),
  TABLE_NOT_FOUND("TableNotFoundException"),
  TABLE_ALREADY_EXISTS("TableAlreadyExistsException"),
  TABLE_IN_USE("TableInUseException"),
  INDEX_NOT_FOUND("IndexNotFoundException"),
  POLICY_NOT_FOUND("PolicyNotFoundException"),
  REPLICA_NOT_FOUND("ReplicaNotFoundException"),
  REPLICA_ALREADY_EXISTS("ReplicaAlreadyExistsException"),
  GLOBAL_TABLE_NOT_FOUND("GlobalTableNotFoundException"),
  GLOBAL_TABLE_ALREADY_EXISTS("GlobalTableAlreadyExistsException"),
  BACKUP_NOT_FOUND("BackupNotFoundException"),
  BACKUP_IN_USE("BackupInUseException"),
  CONTINUOUS_BACKUPS_UNAVAILABLE("ContinuousBackupsUnavailableException"),
  POINT_IN_TIME_RECOVERY_UNAVAILABLE("PointInTimeRecoveryUnavailableException"),
  INVALID_RESTORE_TIME("InvalidRestoreTimeException"),
  EXPORT_NOT_FOUND("ExportNotFoundException"),
  EXPORT_CONFLICT("ExportConflictException"),
  INVALID_EXPORT_TIME("InvalidExportTimeException"),
  IMPORT_NOT_FOUND("ImportNotFoundException"),
  IMPORT_CONFLICT("ImportConflictException"),
  EXPIRED_ITERATOR("ExpiredIteratorException"),
  TRIMMED_DATA_ACCESS("TrimmedDataAccessException");

  private static final class Namespace {
    static final String VALIDATE = "com.amazon.coral.validate#";
    static final String SERVICE = "com.amazon.coral.service#";
    static final String DYNAMODB = "com.amazonaws.dynamodb.v20120810#";
  }

  private static final class MessageMember {
    static final String LOWER = "message";
    static final String UPPER = "Message";
  }

  private static final Map<String, ErrorCode> BY_CODE = byCode();

  private final String code;
  private final String typePrefix;
  private final int httpStatus;
  private final String messageMember;

  ErrorCode(String code) {
    this(code, Namespace.DYNAMODB, 400, MessageMember.LOWER);
  }

  ErrorCode(String code, String typePrefix, int httpStatus, String messageMember) {
    this.code = code;
    this.typePrefix = typePrefix;
    this.httpStatus = httpStatus;
    this.messageMember = messageMember;
  }

  private static Map<String, ErrorCode> byCode() {
    Map<String, ErrorCode> map = new HashMap<>();
    for (ErrorCode value : values()) {
      map.put(value.code, value);
    }
    return Map.copyOf(map);
  }

  /** The name that clients match on, for example {@code ValidationException}. */
  public String code() {
    return code;
  }

  /** What stands before the name in {@code __type}, with its {@code #}. */
  public String typePrefix() {
    return typePrefix;
  }

  /** The whole {@code __type}. */
  public String type() {
    return typePrefix + code;
  }

  /** The HTTP status of the answer. */
  public int httpStatus() {
    return httpStatus;
  }

  /** {@code message} or {@code Message}, as this error is modelled. */
  public String messageMember() {
    return messageMember;
  }

  /** The error of this name; null when there is none. */
  public static @Nullable ErrorCode ofCode(String code) {
    return BY_CODE.get(code);
  }
}
