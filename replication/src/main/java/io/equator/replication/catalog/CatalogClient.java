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
import java.util.function.Supplier;

/**
 * Reads and commits at the catalog's leader, wherever it is. Blocking: call it from a virtual
 * thread.
 *
 * <p>A commit carries a random id that the catalog remembers, so it is tried again after a lost
 * answer without being made twice.
 */
public final class CatalogClient implements CatalogCommands {
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** A member that hangs costs this much, not the whole time there is. */
  private static final long ATTEMPT_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** No leader of the catalog group answered in time; a commit may or may not have been made. */
  public static final class CatalogUnavailableException extends RuntimeException {
    /** With what was asked for, and how long. */
    public CatalogUnavailableException(String message) {
      super(message);
    }
  }

  private final Supplier<Map<String, CatalogServiceBlockingStub>> members;
  private final Duration limit;
  private final SecureRandom random = new SecureRandom();
  private volatile String preferred = "";

  /**
   * @param members stubs of the catalog's members by node id, as they are known at the moment
   * @param limit how long one call looks for a leader
   */
  public CatalogClient(Supplier<Map<String, CatalogServiceBlockingStub>> members, Duration limit) {
    this.members = members;
    this.limit = limit;
  }

  /** The same, with members that do not change. */
  public CatalogClient(Map<String, CatalogServiceBlockingStub> members, Duration limit) {
    this(fixed(members), limit);
  }

  private static Supplier<Map<String, CatalogServiceBlockingStub>> fixed(
      Map<String, CatalogServiceBlockingStub> members) {
    Map<String, CatalogServiceBlockingStub> copy = Map.copyOf(members);
    return () -> copy;
  }

  @Override
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

  @Override
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
      Map<String, CatalogServiceBlockingStub> known = members.get();
      if (known.isEmpty()) {
        last = "no member is known";
        LockSupport.parkNanos(PAUSE_NANOS);
        continue;
      }
      try {
        switch (attempt.apply(stub(known, deadline))) {
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
      boolean good = follow(known, hint);
      if (!good || hinted) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      hinted = good && !hinted;
    }
    throw new CatalogUnavailableException(
        "no leader of the catalog answered a " + what + " in " + limit + "; last: " + last);
  }

  private CatalogServiceBlockingStub stub(
      Map<String, CatalogServiceBlockingStub> known, long deadlineNanos) {
    CatalogServiceBlockingStub stub = known.get(preferred);
    if (stub == null) {
      preferred = known.keySet().stream().sorted().findFirst().orElseThrow();
      stub = Optional.ofNullable(known.get(preferred)).orElseThrow();
    }
    long left = Math.max(1, deadlineNanos - System.nanoTime());
    return stub.withDeadlineAfter(Math.min(left, ATTEMPT_NANOS), TimeUnit.NANOSECONDS);
  }

  /** Turns to the hinted member, or to the next one; whether the hint was good. */
  private boolean follow(Map<String, CatalogServiceBlockingStub> known, String hint) {
    if (known.containsKey(hint)) {
      preferred = hint;
      return true;
    }
    List<String> ids = known.keySet().stream().sorted().toList();
    preferred = ids.get((ids.indexOf(preferred) + 1) % ids.size());
    return false;
  }
}
