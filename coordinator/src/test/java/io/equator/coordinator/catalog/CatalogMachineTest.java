package io.equator.coordinator.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogEntry;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogObject;
import io.equator.proto.NodeDescriptor;
import io.equator.replication.log.LogPosition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protects a member's restart, and what watchers see. */
class CatalogMachineTest {
  @TempDir Path directory;

  @Test
  void startsAgainFromItsImageAndReplaysTheRest() {
    Path directory = this.directory.resolve("not/yet/there");
    CatalogMachine machine = new CatalogMachine(directory, true);
    machine.apply(1, 1, entry("node/a"));
    machine.advance(1, 2);
    LogPosition flushed = machine.flush();
    machine.apply(1, 3, entry("node/b"));

    CatalogMachine restarted = new CatalogMachine(directory, true);

    assertThat(flushed).isEqualTo(new LogPosition(1, 2));
    assertThat(restarted.durablePosition()).isEqualTo(flushed);
    assertThat(restarted.revision()).isEqualTo(1);
    restarted.apply(1, 3, entry("node/b"));
    assertThat(restarted.read(List.of())).isEqualTo(machine.read(List.of()));
  }

  @Test
  void anEntryThatAnInstalledImageHoldsAlreadyChangesNothing() {
    CatalogMachine machine = new CatalogMachine(directory, false);
    machine.apply(1, 1, entry("node/a"));
    machine.apply(1, 1, entry("node/b"));
    assertThat(machine.read(List.of("node/b")).objects()).isEmpty();
    assertThat(machine.revision()).isEqualTo(1);
  }

  @Test
  void aWatcherGetsAFullCopyAndThenEveryChangeUntilItEnds() {
    CatalogMachine machine = new CatalogMachine(directory, false);
    machine.apply(1, 1, entry("node/a"));
    List<CatalogEvent> seen = new ArrayList<>();
    Runnable end = machine.watch(seen::add);
    machine.apply(1, 2, entry("node/b"));
    end.run();
    machine.apply(1, 3, entry("node/c"));

    assertThat(seen).extracting(CatalogEvent::getRevision).containsExactly(1L, 2L);
    assertThat(seen).extracting(CatalogEvent::getFull).containsExactly(true, false);
  }

  private static ByteString entry(String key) {
    return CatalogEntry.newBuilder()
        .setCommit(
            CatalogCommitRequest.newBuilder()
                .addPuts(
                    CatalogObject.newBuilder().setKey(key).setNode(NodeDescriptor.newBuilder())))
        .build()
        .toByteString();
  }
}
