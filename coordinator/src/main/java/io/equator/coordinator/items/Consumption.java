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
  private final Map<String, Double> globalIndexes = new TreeMap<>();
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

  /** Adds units of a global index, which is listed even when they are zero. */
  public void addGlobalIndex(String index, double units) {
    globalIndexes.merge(index, units, Double::sum);
  }

  /** Adds all that another consumption holds. */
  public void add(Consumption other) {
    table += other.table;
    other.localIndexes.forEach(this::addLocalIndex);
    other.globalIndexes.forEach(this::addGlobalIndex);
  }

  /** Adds what a write cost the table and the indexes that it changed. */
  public void addWrite(Written written) {
    addTable(CapacityUnits.write(written.getOldSize(), written.getNewSize()));
    for (IndexChange change : written.getIndexChangesList()) {
      double units =
          CapacityUnits.indexWrite(change.getOldSize(), change.getNewSize(), change.getMoved());
      if (change.getGlobal()) {
        addGlobalIndex(change.getIndexName(), units);
      } else {
        addLocalIndex(change.getIndexName(), units);
      }
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
    for (double units : globalIndexes.values()) {
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
      writeIndexes(out, "LocalSecondaryIndexes", localIndexes);
      writeIndexes(out, "GlobalSecondaryIndexes", globalIndexes);
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
      writeIndexes(out, "LocalSecondaryIndexes", localIndexes);
      writeIndexes(out, "GlobalSecondaryIndexes", globalIndexes);
    }
    out.endObject();
  }

  private static void writeIndexes(WireWriter out, String member, Map<String, Double> indexes) {
    if (indexes.isEmpty()) {
      return;
    }
    out.beginObject(member);
    for (Map.Entry<String, Double> index : indexes.entrySet()) {
      writeUnits(out, index.getKey(), index.getValue());
    }
    out.endObject();
  }

  private static void writeUnits(WireWriter out, String name, double units) {
    out.beginObject(name);
    out.field("CapacityUnits", units);
    out.endObject();
  }
}
