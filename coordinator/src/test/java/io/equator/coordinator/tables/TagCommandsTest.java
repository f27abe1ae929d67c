package io.equator.coordinator.tables;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Protects tags and the pages in which they are listed. */
class TagCommandsTest {
  private static final String ARN = "arn:aws:dynamodb:us-west-2:123456789012:table/Music";

  @TempDir Path directory;
  private Tables tables;

  @BeforeEach
  void open() {
    tables = new Tables(directory).reconciled();
    tables.create(
        "{'TableName':'Music','AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}],"
            + "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],"
            + "'BillingMode':'PAY_PER_REQUEST','Tags':[{'Key':'env','Value':'test'}]}");
  }

  @AfterEach
  void close() {
    tables.close();
  }

  private String tag(String tags) {
    return tables.call("TagResource", "{'ResourceArn':'" + ARN + "','Tags':" + tags + "}");
  }

  private String list(String more) {
    return tables.call("ListTagsOfResource", "{'ResourceArn':'" + ARN + "'" + more + "}");
  }

  @Test
  void tagsAreAddedReplacedAndRemoved() {
    assertThat(tag("[{'Key':'team','Value':''},{'Key':'env','Value':'prod'}]")).isEqualTo("{}");
    assertThat(list(""))
        .isEqualTo(
            "{\"Tags\":[{\"Key\":\"env\",\"Value\":\"prod\"},{\"Key\":\"team\",\"Value\":\"\"}]}");
    assertThat(
            tables.call(
                "UntagResource", "{'ResourceArn':'" + ARN + "','TagKeys':['env','nothing']}"))
        .isEqualTo("{}");
    assertThat(list("")).isEqualTo("{\"Tags\":[{\"Key\":\"team\",\"Value\":\"\"}]}");
  }

  @Test
  void listsTenAtATime() {
    tag(tags(0, 24));
    String first = list("");
    assertThat(first).contains("\"Key\":\"env\"", "\"Key\":\"t08\"").doesNotContain("t09");
    String second = list(",'NextToken':'" + token(first) + "'");
    assertThat(second).contains("\"Key\":\"t09\"", "\"Key\":\"t18\"").doesNotContain("t19");
    String third = list(",'NextToken':'" + token(second) + "'");
    assertThat(third).contains("\"Key\":\"t19\"", "\"Key\":\"t23\"").doesNotContain("NextToken");
    assertThat(list(",'NextToken':'!'")).isEqualTo("ValidationException: Invalid NextToken: !");
  }

  private static String token(String answer) {
    String start = "\"NextToken\":\"";
    int from = answer.indexOf(start) + start.length();
    return answer.substring(from, answer.indexOf('"', from));
  }

  @Test
  void fiftyAreTheMost() {
    assertThat(tag(tags(0, 49))).isEqualTo("{}");
    assertThat(tag("[{'Key':'env','Value':'replaced'}]")).isEqualTo("{}");
    assertThat(tag(tags(49, 50)))
        .isEqualTo("ValidationException: The number of tags exceeds the limit of 50");
  }

  private static String tags(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> "{'Key':'t" + i / 10 + i % 10 + "','Value':'v'}")
        .collect(Collectors.joining(",", "[", "]"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          TagResource | {} | ValidationException: Invalid TableArn
          TagResource | {'ResourceArn':'%arn'} | ValidationException: 1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must not be null
          UntagResource | {'ResourceArn':'%arn'} | ValidationException: 1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null
          TagResource | {'ResourceArn':'%arn','Tags':[]} | ValidationException: Atleast one Tag needs to be provided as Input.
          UntagResource | {'ResourceArn':'%arn','TagKeys':[]} | ValidationException: Atleast one Tag Key needs to be provided as Input.
          TagResource | {'ResourceArn':'not-an-arn','Tags':[]} | ValidationException: Invalid TableArn: Invalid ResourceArn provided as input not-an-arn
          ListTagsOfResource | {'ResourceArn':'%arn2'} | ResourceNotFoundException: Requested resource not found: ResourcArn: %arn2 not found
          UntagResource | {'ResourceArn':'%arn2','TagKeys':['a']} | ResourceNotFoundException: Requested resource not found
          ListTagsOfResource | {'ResourceArn':'arn:aws:dynamodb:us-west-2:999999999999:table/Music'} | AccessDeniedException: User: arn:aws:iam::123456789012:root is not authorized to perform: dynamodb:ListTagsOfResource on resource: arn:aws:dynamodb:us-west-2:999999999999:table/Music because no resource-based policy allows the dynamodb:ListTagsOfResource action
          """,
      quoteCharacter = '§')
  void whatIsWrongIsTold(String operation, String request, String error) {
    assertThat(tables.call(operation, request.replace("%arn", ARN)))
        .isEqualTo(error.replace("%arn", ARN));
  }
}
