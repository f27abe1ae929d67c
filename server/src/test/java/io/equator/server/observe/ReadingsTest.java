package io.equator.server.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Protects against figures that look alive and are of something that is gone. */
class ReadingsTest {

  private final Metrics metrics = new Metrics();

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void aFigureThatNobodySaysAnyMoreGoes() {
    AtomicInteger tables = new AtomicInteger(3);
    Runnable end = metrics.add(to -> to.set(Metric.TABLES, tables.get()));
    assertThat(Scrape.of(metrics.scrape()).series("equator_tables")).containsExactly(" 3");
    tables.set(4);
    assertThat(Scrape.of(metrics.scrape()).series("equator_tables")).containsExactly(" 4");
    end.run();
    assertThat(Scrape.of(metrics.scrape()).series("equator_tables")).isEmpty();
  }

  @Test
  void aSourceThatFailsDoesNotTakeTheOthersAlong() {
    var _ =
        metrics.add(
            _ -> {
              throw new IllegalStateException("closed");
            });
    var _ = metrics.add(to -> to.set(Metric.TABLES, 1));
    assertThat(Scrape.of(metrics.scrape()).series("equator_tables")).containsExactly(" 1");
  }

  @Test
  void aWrongNumberOfLabelsIsAMistakeOfOurs() {
    assertThatThrownBy(() -> Metric.TABLES.tags(java.util.List.of("x")))
        .hasMessageContaining("has the labels []");
  }

  @Test
  void theJvmIsThere() {
    assertThat(Scrape.of(metrics.scrape()).names())
        .contains("jvm_memory_used_bytes", "jvm_threads_live_threads", "process_cpu_usage");
  }
}
