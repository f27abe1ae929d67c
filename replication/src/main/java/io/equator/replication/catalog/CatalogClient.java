package io.equator.replication.catalog;

import com.google.protobuf.ByteString;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse;
import io.equator.proto.CatalogReadRequest;
import io.equator.proto.CatalogReadResponse;
import io.equator.proto.CatalogServiceGrpc.CatalogServiceBlockingStub;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads and commits at the catalog's leader, wherever it is. Blocking: call it from a virtual
 * thread.
 *
 * <p>A commit carries a random id that the catalog remembers, so it is tried again after a lost
 * answer without being made twice.
 */
public final class CatalogClient {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** No leader of the catalog group answered in time; a commit may or may not have been made. */
  public static final class CatalogUnavailableException extends RuntimeException {
    CatalogUnavailableException(String message) {
      super(message);
    }
  }

  private final Map<String, CatalogServiceBlockingStub> members;
  private final List<String> memberIds;
  private final Duration limit;
  private final SecureRandom random = new SecureRandom();
  private volatile int preferred;

  /**
   * @param members stubs of the catalog's members by node id
   * @param limit how long one call looks for a leader
   */
  public CatalogClient(Map<String, CatalogServiceBlockingStub> members, Duration limit) {
    this.members = Map.copyOf(members);
    this.memberIds = members.keySet().stream().sorted().toList();
    this.limit = limit;
  }

  /**
   * The named objects (all of them when {@code keys} is empty), linearizable.
   *
   * @throws CatalogUnavailableException when no leader answered in time
   */
  public CatalogReadResponse read(List<String> keys) {
    CatalogReadRequest request = CatalogReadRequest.newBuilder().addAllKeys(keys).build();
    long deadline = System.nanoTime() + limit.toNanos();
    List<String> tried = new ArrayList<>();
    while (System.nanoTime() - deadline < 0) {
      try {
        CatalogReadResponse answer = stub(deadline).read(request);
        if (!answer.hasLeaderNodeId()) {
          return answer;
        }
        follow(answer.getLeaderNodeId());
      } catch (StatusRuntimeException e) {
        tried.add(String.valueOf(e.getStatus().getCode()));
        follow("");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    throw new CatalogUnavailableException(
        "no leader of the catalog answered in " + limit + " " + tried);
  }

  /**
   * Makes a commit; the answer is COMMITTED or CONFLICT.
   *
   * @throws CatalogUnavailableException when its fate is not known in time
   */
  public CatalogCommitResponse commit(CatalogCommitRequest commit) {
    byte[] id = new byte[16];
    random.nextBytes(id);
    CatalogCommitRequest request =
        commit.toBuilder().setCommitId(ByteString.copyFrom(ByteBuffer.wrap(id))).build();
    long deadline = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() - deadline < 0) {
      try {
        CatalogCommitResponse answer = stub(deadline).commit(request);
        switch (answer.getOutcome()) {
          case COMMITTED, CONFLICT -> {
            return answer;
          }
          case NOT_LEADER -> follow(answer.getLeaderNodeId());
          case INDETERMINATE, OUTCOME_UNSPECIFIED, UNRECOGNIZED -> {}
        }
      } catch (StatusRuntimeException e) {
        follow("");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    throw new CatalogUnavailableException("no leader of the catalog made the commit in " + limit);
  }

  private CatalogServiceBlockingStub stub(long deadlineNanos) {
    String id = memberIds.get(preferred % memberIds.size());
    CatalogServiceBlockingStub stub = Optional.ofNullable(members.get(id)).orElseThrow();
    return stub.withDeadlineAfter(
        Math.max(1, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  private void follow(String leader) {
    int hinted = memberIds.indexOf(leader);
    preferred = hinted >= 0 ? hinted : (preferred + 1) % memberIds.size();
  }
}
