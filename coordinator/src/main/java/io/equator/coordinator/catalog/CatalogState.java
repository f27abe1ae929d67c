package io.equator.coordinator.catalog;

import com.google.protobuf.ByteString;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogComparison;
import io.equator.proto.CatalogEvent;
import io.equator.proto.CatalogImage;
import io.equator.proto.CatalogObject;
import io.equator.proto.RememberedCommit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The catalog's objects and the rule by which a commit changes them. Not thread-safe; its owner is
 * the log.
 *
 * <p>A commit is all or nothing: when every comparison holds, all its puts and deletes happen at
 * one new revision. A commit without changes keeps the revision. Ids of the last {@value
 * #REMEMBERED_COMMITS_MAX} commits are remembered with their outcome, so that a retry after a lost
 * answer is answered and not made twice.
 */
final class CatalogState {
  /** How many commits a retry may lag behind. */
  static final int REMEMBERED_COMMITS_MAX = 4096;

  /** What one commit did: the answer, and the event for watchers when something changed. */
  record Change(CatalogCommitResponse response, Optional<CatalogEvent> event) {}

  private final SortedMap<String, CatalogObject> objects = new TreeMap<>();
  private final LinkedHashMap<ByteString, CatalogCommitResponse> remembered = new LinkedHashMap<>();
  private long revision;

  /** Revision of the last commit that changed something; 0 when empty. */
  long revision() {
    return revision;
  }

  /** The object under this key. */
  Optional<CatalogObject> get(String key) {
    return Optional.ofNullable(objects.get(key));
  }

  /** Every object, in the order of keys. */
  List<CatalogObject> all() {
    return List.copyOf(objects.values());
  }

  /** Evaluates one commit: the same state and commit give the same result on every member. */
  Change commit(CatalogCommitRequest commit) {
    CatalogCommitResponse known = remembered.get(commit.getCommitId());
    if (known != null) {
      return new Change(known, Optional.empty());
    }
    if (!holds(commit.getComparisonsList())) {
      return answer(commit, Outcome.CONFLICT, Optional.empty());
    }
    if (commit.getPutsCount() == 0 && commit.getDeletesCount() == 0) {
      return answer(commit, Outcome.COMMITTED, Optional.empty());
    }
    revision++;
    CatalogEvent.Builder event = CatalogEvent.newBuilder().setRevision(revision);
    for (CatalogObject put : commit.getPutsList()) {
      CatalogObject stored = put.toBuilder().setVersion(revision).build();
      objects.put(stored.getKey(), stored);
      event.addPuts(stored);
    }
    for (String key : commit.getDeletesList()) {
      if (objects.remove(key) != null) {
        event.addDeletes(key);
      }
    }
    return answer(commit, Outcome.COMMITTED, Optional.of(event.build()));
  }

  private boolean holds(List<CatalogComparison> comparisons) {
    for (CatalogComparison comparison : comparisons) {
      CatalogObject object = objects.get(comparison.getKey());
      long version = object == null ? 0 : object.getVersion();
      if (version != comparison.getVersion()) {
        return false;
      }
    }
    return true;
  }

  private Change answer(
      CatalogCommitRequest commit, Outcome outcome, Optional<CatalogEvent> event) {
    CatalogCommitResponse response =
        CatalogCommitResponse.newBuilder().setOutcome(outcome).setRevision(revision).build();
    if (!commit.getCommitId().isEmpty()) {
      remember(commit.getCommitId(), response);
    }
    return new Change(response, event);
  }

  private void remember(ByteString commitId, CatalogCommitResponse response) {
    remembered.put(commitId, response);
    if (remembered.size() > REMEMBERED_COMMITS_MAX) {
      Iterator<ByteString> oldest = remembered.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }

  /** The whole state as it stood after the entry (term, logIndex). */
  CatalogImage toImage(long term, long logIndex) {
    CatalogImage.Builder image =
        CatalogImage.newBuilder()
            .setTerm(term)
            .setLogIndex(logIndex)
            .setRevision(revision)
            .addAllObjects(objects.values());
    for (Map.Entry<ByteString, CatalogCommitResponse> entry : remembered.entrySet()) {
      image.addRemembered(
          RememberedCommit.newBuilder()
              .setCommitId(entry.getKey())
              .setOutcome(entry.getValue().getOutcome())
              .setRevision(entry.getValue().getRevision()));
    }
    return image.build();
  }

  /** Replaces everything by an image. */
  void load(CatalogImage image) {
    objects.clear();
    remembered.clear();
    revision = image.getRevision();
    for (CatalogObject object : image.getObjectsList()) {
      objects.put(object.getKey(), object);
    }
    for (RememberedCommit commit : image.getRememberedList()) {
      remembered.put(
          commit.getCommitId(),
          CatalogCommitResponse.newBuilder()
              .setOutcome(commit.getOutcome())
              .setRevision(commit.getRevision())
              .build());
    }
  }

  /** A full copy as an event: what a new watcher gets first. */
  CatalogEvent toFullEvent() {
    return CatalogEvent.newBuilder()
        .setRevision(revision)
        .setFull(true)
        .addAllPuts(new ArrayList<>(objects.values()))
        .build();
  }
}
