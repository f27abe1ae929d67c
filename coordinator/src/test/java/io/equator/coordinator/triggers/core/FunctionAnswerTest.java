package io.equator.coordinator.triggers.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How an HTTP answer is read, by a table. Three records were sent: 7, 8 and 9. */
class FunctionAnswerTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      emptyValue = "",
      textBlock =
          """
          200 | ''        | ''                                                    | done
          204 | ''        | ''                                                    | done
          200 | ''        | not json                                              | done
          200 | ''        | null                                                  | done
          200 | ''        | {"batchItemFailures":[]}                              | done
          200 | ''        | {"batchItemFailures":null}                            | done
          200 | ''        | {"batchItemFailures":[{"itemIdentifier":"8"}]}        | from 1
          200 | ''        | {"batchItemFailures":[{"itemIdentifier":"9"},{"itemIdentifier":"8"}]} | from 1
          200 | ''        | {"batchItemFailures":[{"itemIdentifier":"7"}]}        | from 0
          200 | ''        | {"batchItemFailures":[{"itemIdentifier":""}]}         | failed
          200 | ''        | {"batchItemFailures":[{"itemIdentifier":null}]}       | failed
          200 | ''        | {"batchItemFailures":[{"id":"8"}]}                    | failed
          200 | ''        | {"batchItemFailures":[{"itemIdentifier":"6"}]}        | failed
          200 | ''        | {"batchItemFailures":"8"}                             | failed
          200 | Unhandled | {}                                                    | failed
          200 | ''        | {"errorMessage":"boom","errorType":"ValueError"}      | failed
          200 | ''        | {"errorMessage":"boom"}                               | done
          302 | ''        | ''                                                    | failed
          404 | ''        | ''                                                    | failed
          500 | ''        | {"batchItemFailures":[]}                              | failed
          """)
  void isReadAsLambdaReadsIt(int status, String functionError, String body, String expected) {
    FunctionAnswer answer =
        FunctionAnswer.of(
            status, functionError, body.getBytes(StandardCharsets.UTF_8), List.of("7", "8", "9"));
    String found =
        switch (answer) {
          case FunctionAnswer.Succeeded() -> "done";
          case FunctionAnswer.FailedFrom(int index, var _) -> "from " + index;
          case FunctionAnswer.Failed _ -> "failed";
        };
    assertThat(found).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"batchItemFailures":[{"itemIdentifier":"8"}]}
          {"batchItemFailures":"8"}
          """)
  void singleFailuresCountOnlyWhereTheyWereAskedFor(String body) {
    assertThat(FunctionAnswer.of(200, "", body.getBytes(StandardCharsets.UTF_8), List.of()))
        .isEqualTo(new FunctionAnswer.Succeeded());
  }
}
