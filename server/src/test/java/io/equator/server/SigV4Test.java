package io.equator.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Our signatures are those of the AWS tools. */
class SigV4Test {

  /** Computed with botocore 1.43 for the same request, date and keys. */
  private static final String OF_BOTOCORE =
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260203/eu-central-1/dynamodb/aws4_request,"
          + " SignedHeaders=host;x-amz-date;x-amz-target,"
          + " Signature=ae4237dd0dbe6f71206864589be9ac3ad0d127b7c532dabc7b51aa3ca1f1fc00";

  @Test
  void signsAsBotocoreDoes() {
    Instant now = Instant.parse("2026-02-03T04:05:06Z");
    byte[] headers =
        new SigV4("AKIDEXAMPLE", "secret", "eu-central-1", () -> now)
            .headers(
                "localhost:8000",
                "DynamoDB_20120810.ListTables",
                "{\"Limit\":3}".getBytes(StandardCharsets.UTF_8));

    assertThat(new String(headers, StandardCharsets.UTF_8))
        .isEqualTo("X-Amz-Date: 20260203T040506Z\r\nAuthorization: " + OF_BOTOCORE + "\r\n");
  }
}
