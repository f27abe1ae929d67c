package io.equator.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.equator.coordinator.api.RequestId;
import io.equator.coordinator.api.RequestObserver.Answered;
import io.equator.model.error.ErrorCode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Protects the counts and the number of series. */
class RequestMetricsTest {

  private static final RequestId ID = new RequestId(1, 2, 3, 4);

  private final Set<String> tables = new HashSet<>(List.of("a", "b", "c"));
  private final Metrics metrics = new Metrics();
  private final RequestMetrics requests =
      new RequestMetrics(metrics.registry(), new TableLabels(2, tables::contains));

  RequestMetricsTest() {
    var _ = metrics.add(requests);
  }

  @AfterEach
  void close() {
    metrics.close();
  }

  private void answered(String operation, @Nullable String table, @Nullable ErrorCode error) {
    requests.answered(new Answered(operation, table, error, 3_000_000, ID));
  }

  private Scrape scrape() {
    return Scrape.of(metrics.scrape());
  }

  @Test
  void countsByOperationTableAndOutcome() {
    answered("GetItem", "a", null);
    answered("GetItem", "a", null);
    answered("GetItem", "a", ErrorCode.VALIDATION);
    answered("GetItem", "b", ErrorCode.THROTTLING);
    answered("PutItem", "b", ErrorCode.INTERNAL_SERVER_ERROR);
    answered("ListTables", null, null);
    Scrape scrape = scrape();
    assertThat(scrape.series("equator_requests_total"))
        .containsOnly(
            "operation=GetItem,table=a,outcome=success,code= 2",
            "operation=GetItem,table=a,outcome=user_error,code=ValidationException 1",
            "operation=GetItem,table=b,outcome=throttled,code=ThrottlingException 1",
            "operation=PutItem,table=b,outcome=system_error,code=InternalServerError 1",
            "operation=ListTables,table=_none,outcome=success,code= 1");
    assertThat(scrape.series("equator_request_duration_seconds_count"))
        .containsOnly("operation=GetItem 4", "operation=PutItem 1", "operation=ListTables 1");
    assertThat(
            scrape.value("equator_request_duration_seconds_bucket", "operation=GetItem,le=0.0025"))
        .isZero();
    assertThat(
            scrape.value("equator_request_duration_seconds_bucket", "operation=GetItem,le=0.005"))
        .isEqualTo(4);
  }

  @Test
  void madeUpNamesMakeNoSeries() {
    for (int i = 0; i < 500; i++) {
      answered("GetItem", "made-up-" + i, ErrorCode.RESOURCE_NOT_FOUND);
      answered("GetItem", "made-up-" + i, null);
    }
    assertThat(scrape().series("equator_requests_total"))
        .containsOnly(
            "operation=GetItem,table=_other,outcome=success,code= 500",
            "operation=GetItem,table=_other,outcome=user_error,code=ResourceNotFoundException 500");
  }

  @Test
  void tablesBeyondTheLimitShareALabel() {
    for (String table : List.of("a", "b", "c", "c", "a")) {
      answered("GetItem", table, null);
    }
    assertThat(scrape().series("equator_requests_total"))
        .containsOnly(
            "operation=GetItem,table=a,outcome=success,code= 2",
            "operation=GetItem,table=b,outcome=success,code= 1",
            "operation=GetItem,table=_other,outcome=success,code= 2");
  }

  @Test
  void theCountsOfADeletedTableStayInTheSum() {
    answered("GetItem", "a", null);
    answered("GetItem", "a", null);
    answered("GetItem", "made-up", null);
    tables.remove("a");
    assertThat(scrape().series("equator_requests_total"))
        .containsOnly("operation=GetItem,table=_other,outcome=success,code= 3");
    tables.add("a");
    answered("GetItem", "a", null);
    assertThat(scrape().series("equator_requests_total"))
        .containsOnly(
            "operation=GetItem,table=a,outcome=success,code= 1",
            "operation=GetItem,table=_other,outcome=success,code= 3");
  }
}
