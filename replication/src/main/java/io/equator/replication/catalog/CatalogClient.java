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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * Reads and commits at the catalog's leader, wherever it is. Blocking: call it from a virtual
 * thread.
 *
 * <p>A commit carries a random id that the catalog remembers, so it is tried again after a lost
 * answer without being made twice.
 */
public final class CatalogClient {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** A member that hangs costs this much, not the whole time there is. */
  private static final long ATTEMPT_NANOS = TimeUnit.SECONDS.toNanos(2);

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
    return ask(
        "read",
        stub -> {
          CatalogReadResponse answer = stub.read(request);
          return answer.hasLeaderNodeId()
              ? new Attempt.NoAnswer<>(answer.getLeaderNodeId())
              : new Attempt.Answer<>(answer);
        });
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
    return ask(
        "commit",
        stub -> {
          CatalogCommitResponse answer = stub.commit(request);
          return switch (answer.getOutcome()) {
            case COMMITTED, CONFLICT -> new Attempt.Answer<>(answer);
            case NOT_LEADER -> new Attempt.NoAnswer<>(answer.getLeaderNodeId());
            case INDETERMINATE, OUTCOME_UNSPECIFIED, UNRECOGNIZED -> new Attempt.NoAnswer<>("");
          };
        });
  }

  /** What one member said; a hint is a node id, or empty. */
  private sealed interface Attempt<A> {
    record Answer<A>(A answer) implements Attempt<A> {}

    record NoAnswer<A>(String leaderHint) implements Attempt<A> {}
  }

  /**
   * Asks one member after the other. A hint is followed at once, but not twice in a row: two
   * members may point at one another while neither leads.
   */
  private <A> A ask(String what, Function<CatalogServiceBlockingStub, Attempt<A>> attempt) {
    long deadline = System.nanoTime() + limit.toNanos();
    boolean hinted = false;
    String last = "";
    while (System.nanoTime() - deadline < 0) {
      String hint = "";
      try {
        switch (attempt.apply(stub(deadline))) {
          case Attempt.Answer<A>(A answer) -> {
            return answer;
          }
          case Attempt.NoAnswer<A>(String leader) -> {
            hint = leader;
            last = "no leader";
          }
        }
      } catch (StatusRuntimeException e) {
        last = e.getStatus().toString();
      }
      boolean known = follow(hint);
      if (!known || hinted) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      hinted = known && !hinted;
    }
    throw new CatalogUnavailableException(
        "no leader of the catalog answered a " + what + " in " + limit + "; last: " + last);
  }

  private CatalogServiceBlockingStub stub(long deadlineNanos) {
    String id = memberIds.get(preferred % memberIds.size());
    CatalogServiceBlockingStub stub = Optional.ofNullable(members.get(id)).orElseThrow();
    long left = Math.max(1, deadlineNanos - System.nanoTime());
    return stub.withDeadlineAfter(Math.min(left, ATTEMPT_NANOS), TimeUnit.NANOSECONDS);
  }

  /** Turns to the hinted member, or to the next one; whether the hint was good. */
  private boolean follow(String hint) {
    int hinted = memberIds.indexOf(hint);
    preferred = hinted >= 0 ? hinted : (preferred + 1) % memberIds.size();
    return hinted >= 0;
  }
}
