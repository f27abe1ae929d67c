package io.equator.coordinator.tables;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Protects the setting of time to live. */
class TtlCommandsTest {
  @TempDir Path directory;
  private Tables tables;

  @BeforeEach
  void open() {
    tables = new Tables(directory).reconciled();
    tables.create(
        "{'TableName':'Music','AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'}],"
            + "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'}],"
            + "'BillingMode':'PAY_PER_REQUEST'}");
  }

  @AfterEach
  void close() {
    tables.close();
  }

  private String update(boolean enabled, String attribute) {
    String answer =
        tables.call(
            "UpdateTimeToLive",
            "{'TableName':'Music','TimeToLiveSpecification':{'Enabled':"
                + enabled
                + ",'AttributeName':'"
                + attribute
                + "'}}");
    tables.awaitSettled("Music");
    return answer;
  }

  private String describe() {
    return tables.call("DescribeTimeToLive", "{'TableName':'Music'}");
  }

  @Test
  void goesOnAndOff() {
    assertThat(describe())
        .isEqualTo("{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"DISABLED\"}}");
    assertThat(update(true, "expires"))
        .isEqualTo(
            "{\"TimeToLiveSpecification\":{\"Enabled\":true,\"AttributeName\":\"expires\"}}");
    assertThat(describe())
        .isEqualTo(
            "{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"ENABLED\","
                + "\"AttributeName\":\"expires\"}}");
    assertThat(update(true, "expires"))
        .isEqualTo("ValidationException: TimeToLive is already enabled");
    assertThat(update(false, "other"))
        .isEqualTo(
            "ValidationException: TimeToLive is active on a different AttributeName: current"
                + " AttributeName is expires");
    assertThat(update(false, "expires"))
        .isEqualTo(
            "ValidationException: Time to live has been modified multiple times within a fixed"
                + " interval");
    tables.set(Tables.START.plus(Duration.ofHours(1)));
    assertThat(update(false, "expires")).startsWith("{");
    assertThat(describe())
        .isEqualTo("{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"DISABLED\"}}");
    assertThat(update(false, "expires"))
        .isEqualTo("ValidationException: TimeToLive is already disabled");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {'TimeToLiveSpecification':{}} | ValidationException: The parameter 'TableName' is required but was not present in the request
          {'TableName':'Music'} | ValidationException: 1 validation error detected: Value null at 'timeToLiveSpecification' failed to satisfy constraint: Member must not be null
          {'TableName':'Music','TimeToLiveSpecification':{}} | ValidationException: 2 validation errors detected: Value null at 'timeToLiveSpecification.enabled' failed to satisfy constraint: Member must not be null; Value null at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must not be null
          {'TableName':'Music','TimeToLiveSpecification':{'Enabled':true,'AttributeName':''}} | ValidationException: 1 validation error detected: Value '' at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must have length greater than or equal to 1
          {'TableName':'Nope','TimeToLiveSpecification':{'Enabled':true,'AttributeName':'a'}} | ResourceNotFoundException: Requested resource not found: Table: Nope not found
          """,
      quoteCharacter = '§')
  void membersAreChecked(String request, String error) {
    assertThat(tables.call("UpdateTimeToLive", request)).isEqualTo(error);
  }
}
