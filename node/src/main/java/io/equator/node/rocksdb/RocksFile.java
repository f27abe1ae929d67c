package io.equator.node.rocksdb;

import io.equator.node.core.RowFile;
import io.equator.node.core.StoreException;
import java.nio.file.Path;
import org.rocksdb.EnvOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/** A table file outside of any database. The gate was entered for it; closing leaves it. */
final class RocksFile implements RowFile {
  private final Path path;
  private final Gate gate;
  private final EnvOptions environment = new EnvOptions();
  private final SstFileWriter writer;
  private boolean closed;

  RocksFile(Path path, Options options, Gate gate) {
    this.path = path;
    this.gate = gate;
    this.writer = new SstFileWriter(environment, options);
  }

  void open() throws RocksDBException {
    writer.open(path.toString());
  }

  @Override
  public void put(byte[] key, byte[] value) {
    try {
      writer.put(key, value);
    } catch (RocksDBException e) {
      throw new StoreException("cannot add a row to " + path, e);
    }
  }

  @Override
  public void finish() {
    try {
      writer.finish();
    } catch (RocksDBException e) {
      throw new StoreException("cannot finish " + path, e);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      writer.close();
      environment.close();
      gate.leave();
    }
  }
}
