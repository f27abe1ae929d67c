package io.equator.server.dev;

import io.equator.server.Refusal;
import java.io.IOException;
import java.nio.file.Path;

/** The data folder of an embedded cluster that is not running, to be looked at. */
public final class OfflineFolder implements AutoCloseable {

  private final DataFolder folder;
  private final int nodes;

  private OfflineFolder(DataFolder folder, int nodes) {
    this.folder = folder;
    this.nodes = nodes;
  }

  /**
   * Opens it; as long as it is open no process can start on it.
   *
   * @throws Refusal when a process uses it, or it is no data folder
   */
  public static OfflineFolder open(Path path) {
    DataFolder folder = DataFolder.openToRead(path);
    try {
      return new OfflineFolder(folder, folder.shape().orElseThrow().nodes());
    } catch (RuntimeException e) {
      close(folder);
      throw e;
    }
  }

  /** How many nodes it holds, numbered from 1. */
  public int nodes() {
    return nodes;
  }

  /** A node's store. */
  public Path store(int node) {
    return existing(node).resolve("store");
  }

  /** A node's Raft logs. */
  public Path raft(int node) {
    return existing(node).resolve("raft");
  }

  /** A node's image of the catalog. */
  public Path catalog(int node) {
    return existing(node).resolve("catalog");
  }

  private Path existing(int node) {
    if (node < 1 || node > nodes) {
      throw new Refusal(
          folder.path() + " holds nodes 1 to " + nodes + ", there is no node " + node + ".");
    }
    return folder.node(node);
  }

  @Override
  public void close() {
    close(folder);
  }

  private static void close(DataFolder folder) {
    try {
      folder.close();
    } catch (IOException e) {
      throw new Refusal("the data folder cannot be closed: " + e.getMessage() + ".", e);
    }
  }
}
