package io.equator.coordinator.triggers;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.tables.Arns;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The names of functions, by a table. */
class FunctionNameTest {
  private static final Arns ARNS = new Arns("us-west-2", "000000000000");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      emptyValue = "",
      textBlock =
          """
          Orders                                                    | Orders | arn:aws:lambda:us-west-2:000000000000:function:Orders
          function:Orders                                           | Orders | arn:aws:lambda:us-west-2:000000000000:function:Orders
          123456789012:function:Orders                              | Orders | arn:aws:lambda:us-west-2:000000000000:function:Orders
          Orders:PROD                                               | Orders | arn:aws:lambda:us-west-2:000000000000:function:Orders:PROD
          Orders:$LATEST                                            | Orders | arn:aws:lambda:us-west-2:000000000000:function:Orders:$LATEST
          arn:aws:lambda:eu-west-1:123456789012:function:Orders:2   | Orders | arn:aws:lambda:eu-west-1:123456789012:function:Orders:2
          http://localhost:9000/2015-03-31/functions/function/invocations | '' | http://localhost:9000/2015-03-31/functions/function/invocations
          https://hooks.example.com/a?b=c                           | ''     | https://hooks.example.com/a?b=c
          """)
  void areReadAsLambdaReadsThem(String text, String name, String arn) {
    assertThat(FunctionName.parse(text, ARNS)).contains(new FunctionName(arn, name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a b",
        "arn:aws:sqs:us-west-2:000000000000:q",
        "http://",
        "http:///path",
        "http://user:secret@host/",
        "http://host/#fragment",
        "http://ho st/",
        "ftp://host/"
      })
  void whatIsNoneIsRefused(String text) {
    assertThat(FunctionName.parse(text, ARNS)).isEmpty();
  }
}
