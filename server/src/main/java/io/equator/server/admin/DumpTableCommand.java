package io.equator.server.admin;

import io.equator.coordinator.json.WireItem;
import io.equator.coordinator.json.WireReader;
import io.equator.model.error.ApiException;
import io.equator.model.item.AttributeValue;
import io.equator.model.item.EncodedItem;
import io.equator.node.dump.StoreDump;
import io.equator.server.Refusal;
import io.equator.server.dev.OfflineFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code equator admin dump table}: a table's items. */
@Command(
    name = "table",
    sortOptions = false,
    description = {
      "Print a table's items, each on a line in DynamoDB's JSON; with --output json also its token,"
          + " timestamp and size.",
      "",
      "A store shows what was durable at its last flush; what came after stands in the logs. With"
          + " more than three nodes, each holds a part of the table.",
      ""
    })
final class DumpTableCommand implements Runnable {

  @Mixin private final DumpOptions options = new DumpOptions();

  @Parameters(paramLabel = "TABLE", description = "The table's name, or its id (a number).")
  private String table = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most so many items (default: all).")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = "--key",
      paramLabel = "JSON",
      description = {"Only items with these attributes, for example '{\"pk\":{\"S\":\"a\"}}'."})
  private @Nullable String key;

  @Option(
      names = "--index",
      paramLabel = "NUMBER",
      description = "The rows of a local index instead; see dump catalog for its number.")
  private @Nullable Integer index;

  @Override
  public void run() {
    Predicate<EncodedItem> filter = key == null ? _ -> true : having(key);
    options.look(folder -> print(folder, filter));
  }

  private void print(OfflineFolder folder, Predicate<EncodedItem> filter) throws IOException {
    int id = tableId(folder);
    try (StoreDump dump = StoreDump.open(folder.store(options.node()))) {
      var _ =
          index == null
              ? dump.items(id, limit, filter, options.json(), options::line)
              : dump.indexRows(id, index, limit, options::line);
    }
  }

  private int tableId(OfflineFolder folder) throws IOException {
    var found = options.catalog(folder).table(table);
    if (found.isPresent()) {
      return found.get().getTableId();
    }
    try {
      return Integer.parseUnsignedInt(table);
    } catch (NumberFormatException e) {
      throw new Refusal(
          "there is no table " + table + " in the catalog; its id also does, if you know it.", e);
    }
  }

  private static Predicate<EncodedItem> having(String json) {
    byte[] body = ("{\"Key\":" + json + "}").getBytes(StandardCharsets.UTF_8);
    WireItem read;
    try {
      read = WireReader.read(body, 0, body.length, DumpTableCommand::key);
    } catch (ApiException e) {
      throw new Refusal("--key is not an item in DynamoDB's JSON: " + json + ".", e);
    }
    if (read.problem() != null) {
      throw new Refusal("--key has a value that DynamoDB does not take: " + json + ".");
    }
    Map<String, AttributeValue> wanted = read.item().toMap();
    return item ->
        wanted.entrySet().stream().allMatch(e -> e.getValue().equals(item.get(e.getKey())));
  }

  private static WireItem key(WireReader in) {
    WireItem key = new WireItem(EncodedItem.EMPTY, null, null);
    while (in.nextMember()) {
      key = in.attributeMap();
    }
    return key;
  }
}
