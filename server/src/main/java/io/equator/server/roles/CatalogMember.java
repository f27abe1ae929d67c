package io.equator.server.roles;

import io.equator.coordinator.catalog.CatalogEndpoint;
import io.equator.coordinator.catalog.CatalogImageEndpoint;
import io.equator.coordinator.catalog.CatalogMachine;
import io.equator.coordinator.catalog.GrpcCatalogImages;
import io.equator.replication.log.GroupId;
import io.equator.replication.log.LogHost;
import io.equator.replication.log.Peer;
import io.equator.replication.log.ReplicatedLog;
import io.grpc.BindableService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's member of the catalog group: its log, its image, and the service that answers for
 * them.
 */
public final class CatalogMember implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogMember.class);

  /** How often the image is written and the log cut behind it. */
  private static final long IMAGE_SECONDS = 60;

  private final LogHost logs;
  private final Path folder;
  private final CatalogMachine machine;
  private final ReplicatedLog log;
  private final CatalogEndpoint endpoint;
  private final ScheduledFuture<?> writing;

  /**
   * Opens the member; it goes on where it was.
   *
   * @param folder holds the image
   * @param images fetches the image of another member, when this one is too far behind
   * @param members who founds the group, this node among them; nobody for a node that joins it
   * @param senders runs the sending to watchers, a thread for each task
   * @throws IOException when the log or the image cannot be used
   */
  public CatalogMember(
      LogHost logs,
      Path folder,
      boolean forced,
      GrpcCatalogImages images,
      List<Peer> members,
      Executor senders,
      ScheduledExecutorService timer)
      throws IOException {
    this.logs = logs;
    this.folder = folder;
    this.machine = new CatalogMachine(folder, forced, images);
    this.log = logs.open(GroupId.CATALOG, machine, members);
    this.endpoint = new CatalogEndpoint(log, machine, senders);
    this.writing =
        timer.scheduleWithFixedDelay(
            () -> senders.execute(this::writeImage),
            IMAGE_SECONDS,
            IMAGE_SECONDS,
            TimeUnit.SECONDS);
  }

  /** What reads, commits and watches here, and what gives the image to other members. */
  public List<BindableService> services() {
    return List.of(endpoint, new CatalogImageEndpoint(machine));
  }

  /** Its log, to ask who leads and to change who takes part. */
  public ReplicatedLog log() {
    return log;
  }

  /** Does nothing when nothing has changed since the last time. */
  public void writeImage() {
    try {
      machine.flush();
      log.requestSnapshot();
    } catch (RuntimeException e) {
      LOG.error("{}: the catalog's image cannot be written, its log keeps growing", logs.node(), e);
    }
  }

  /** Throws the image away; the log must have been discarded. */
  void deleteImage() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  /** Writes no more images; the log is closed by its host. */
  @Override
  public void close() {
    writing.cancel(false);
  }
}
