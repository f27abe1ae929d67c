package io.equator.replication.ratis;

import io.equator.replication.log.Proposal;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;

/**
 * One proposal on its way through Ratis: it is the request's message, becomes the transaction's
 * context, and so meets the applying thread again, which completes it with the machine's own
 * result.
 *
 * <p>{@link #appending} decides what a failure means. Ratis calls {@code preAppendTransaction}
 * under the division's lock, on the submitting thread, right before the entry enters the log, and
 * nothing appends without that call. So a request that failed without it is in no log and never
 * will be; one that failed after it may be.
 */
final class PendingEntry implements Message {

  final com.google.protobuf.ByteString entry;
  final long expectedTerm;

  /** Orders this proposal among the reads that wait for a confirmation. */
  final long mark;

  final CompletableFuture<Proposal> outcome = new CompletableFuture<>();

  private final ByteString content;
  private volatile boolean appending;

  PendingEntry(com.google.protobuf.ByteString entry, long expectedTerm, long mark) {
    this.entry = entry;
    this.content = Bytes.toRatis(entry);
    this.expectedTerm = expectedTerm;
    this.mark = mark;
  }

  void setAppending() {
    appending = true;
  }

  boolean mayBeAppended() {
    return appending;
  }

  @Override
  public ByteString getContent() {
    return content;
  }

  @Override
  public int size() {
    return content.size();
  }

  @Override
  public String toString() {
    return "entry of " + content.size() + " bytes decided in term " + expectedTerm;
  }
}
