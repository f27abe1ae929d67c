package io.equator.replication.catalog;

import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse;
import io.equator.proto.CatalogReadResponse;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import java.util.List;

/** Reads and commits at the catalog itself, not at a copy of it. Blocking. */
public interface CatalogCommands {
  /**
   * The named objects (all of them when {@code keys} is empty), linearizable.
   *
   * @throws CatalogUnavailableException when no leader answered in time
   */
  CatalogReadResponse read(List<String> keys);

  /**
   * Makes a commit; the answer is COMMITTED or CONFLICT.
   *
   * @throws CatalogUnavailableException when its fate is not known in time
   */
  CatalogCommitResponse commit(CatalogCommitRequest commit);
}
