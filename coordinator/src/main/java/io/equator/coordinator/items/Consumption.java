package io.equator.coordinator.items;

import io.equator.coordinator.json.WireWriter;
import io.equator.model.capacity.CapacityUnits;
import io.equator.proto.IndexChange;
import io.equator.proto.Written;
import java.util.Map;
import java.util.TreeMap;

/**
 * The units that a request consumed of one table and its indexes, by arm. Not for several threads.
 */
public final class Consumption {
  private final Map<String, Double> localIndexes = new TreeMap<>();
  private double table;

  /** Nothing consumed yet. */
  public Consumption() {}

  /** Adds units of the table itself. */
  public void addTable(double units) {
    table += units;
  }

  /** Adds units of a local index, which is listed even when they are zero. */
  public void addLocalIndex(String index, double units) {
    localIndexes.merge(index, units, Double::sum);
  }

  /** Adds what a write cost the table and the local indexes that it changed. */
  public void addWrite(Written written) {
    addTable(CapacityUnits.write(written.getOldSize(), written.getNewSize()));
    for (IndexChange change : written.getIndexChangesList()) {
      addLocalIndex(
          change.getIndexName(),
          CapacityUnits.indexWrite(change.getOldSize(), change.getNewSize(), change.getMoved()));
    }
  }

  /** The same for a write in a transaction: the table's part is doubled, the indexes' is not. */
  public void addTransactionalWrite(Written written) {
    addTable(CapacityUnits.write(written.getOldSize(), written.getNewSize()));
    addWrite(written);
  }

  /** Table and all indexes. */
  public double total() {
    double total = table;
    for (double units : localIndexes.values()) {
      total += units;
    }
    return total;
  }

  /** Writes the member {@code ConsumedCapacity}, when it was asked for. */
  public void writeMember(WireWriter out, String tableName, CapacityReport report) {
    if (report != CapacityReport.NONE) {
      out.name("ConsumedCapacity");
      write(out, tableName, report);
    }
  }

  /** Writes one ConsumedCapacity structure; {@code tableName} as the request named the table. */
  public void write(WireWriter out, String tableName, CapacityReport report) {
    out.beginObject();
    out.field("TableName", tableName);
    out.field("CapacityUnits", total());
    if (report == CapacityReport.INDEXES) {
      writeUnits(out, "Table", table);
      if (!localIndexes.isEmpty()) {
        out.beginObject("LocalSecondaryIndexes");
        for (Map.Entry<String, Double> index : localIndexes.entrySet()) {
          writeUnits(out, index.getKey(), index.getValue());
        }
        out.endObject();
      }
    }
    out.endObject();
  }

  /** The same for a transaction, which also says whether the units are read or written. */
  public void writeOfTransaction(
      WireWriter out, String tableName, CapacityReport report, boolean written) {
    String units = written ? "WriteCapacityUnits" : "ReadCapacityUnits";
    out.beginObject();
    out.field("TableName", tableName);
    out.field("CapacityUnits", total());
    out.field(units, total());
    if (report == CapacityReport.INDEXES) {
      out.beginObject("Table");
      out.field("CapacityUnits", table);
      out.field(units, table);
      out.endObject();
      if (!localIndexes.isEmpty()) {
        out.beginObject("LocalSecondaryIndexes");
        for (Map.Entry<String, Double> index : localIndexes.entrySet()) {
          writeUnits(out, index.getKey(), index.getValue());
        }
        out.endObject();
      }
    }
    out.endObject();
  }

  private static void writeUnits(WireWriter out, String name, double units) {
    out.beginObject(name);
    out.field("CapacityUnits", units);
    out.endObject();
  }
}
