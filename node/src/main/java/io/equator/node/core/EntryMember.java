package io.equator.node.core;

import com.google.protobuf.ByteString;
import io.equator.proto.Effect;
import io.equator.proto.Redirect;
import org.jspecify.annotations.Nullable;

/** One effect on its way through the log, and whom to tell about it. */
abstract class EntryMember {
  private final long decidedTerm;
  private final @Nullable Effect effect;
  private final long idHigh;
  private final long idLow;
  private final ByteString outcome;
  private final int sizeBytes;

  /**
   * @param decidedTerm the term in which it was decided
   * @param effect what it changes; null when it changes nothing and only waits for what stands
   *     before it in the entry
   * @param outcome what a retry is to be answered
   */
  EntryMember(
      long decidedTerm, @Nullable Effect effect, long idHigh, long idLow, ByteString outcome) {
    this.decidedTerm = decidedTerm;
    this.effect = effect;
    this.idHigh = idHigh;
    this.idLow = idLow;
    this.outcome = outcome;
    this.sizeBytes = (effect == null ? 0 : effect.getSerializedSize()) + outcome.size() + 24;
  }

  final long decidedTerm() {
    return decidedTerm;
  }

  final @Nullable Effect effect() {
    return effect;
  }

  final long idHigh() {
    return idHigh;
  }

  final long idLow() {
    return idLow;
  }

  final ByteString outcome() {
    return outcome;
  }

  /** What it adds to an entry, about. */
  final int sizeBytes() {
    return sizeBytes;
  }

  /**
   * Another member that was decided on top of this one, to stand behind it in the same entry; null
   * when there is none. Called when the entry is made up, at most once.
   */
  @Nullable EntryMember follower() {
    return null;
  }

  /** It is durable on a majority and applied here. */
  abstract void applied(long index);

  /** It changed nothing, or (reason INDETERMINATE) nobody knows. */
  abstract void redirected(Redirect redirect);
}
