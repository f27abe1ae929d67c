package io.equator.coordinator.cluster;

import io.equator.coordinator.api.ApiReply;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.api.ReplySink;
import io.equator.coordinator.api.RequestAuthenticator;
import io.equator.coordinator.api.RestRequest;
import io.equator.coordinator.api.RestService;
import io.equator.coordinator.cluster.ReplicaSteps.Step;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireWriter;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import io.equator.proto.CatalogObject;
import io.equator.proto.PartitionDescriptor;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogClient.CatalogUnavailableException;
import io.equator.replication.catalog.CatalogKeys;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Partitions for those who have only the way in for clients, as with a cluster in one process.
 *
 * <pre>
 *   GET  /equator/partitions              the partitions: ranges, states, splits
 *   POST /equator/partitions/{id}/split   begins a split; {"Token": "16 hexadecimal digits"}, or {} for the middle
 * </pre>
 */
public final class PartitionsRest implements RestService {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionsRest.class);
  private static final String ROOT = "/equator/partitions";
  private static final String SPLIT = "/split";

  /** What {@link #state} says. */
  public static final List<String> STATES = List.of("serving", "splitting", "embryo", "closed");

  private final Supplier<CatalogSnapshot> catalog;
  private final CatalogClient client;
  private final SplitSteps steps;
  private final RequestAuthenticator authenticator;

  /** Serves those whom {@code authenticator} lets in. */
  public PartitionsRest(
      Supplier<CatalogSnapshot> catalog, CatalogClient client, RequestAuthenticator authenticator) {
    this.catalog = catalog;
    this.client = client;
    this.steps = new SplitSteps(client, System::currentTimeMillis);
    this.authenticator = authenticator;
  }

  @Override
  public boolean owns(String path) {
    return path.equals(ROOT) || path.startsWith(ROOT + "/");
  }

  @Override
  public void handle(RestRequest request, ReplySink sink) {
    if (authenticator.authenticate(
            request.head(), request.body(), request.offset(), request.length())
        instanceof RequestAuthenticator.Outcome.Refused(ApiError error)) {
      sink.reply(refusal(403, String.valueOf(error.message())));
      return;
    }
    String rest = request.path().substring(ROOT.length());
    if (request.method().equals("GET") && rest.isEmpty()) {
      List<PartitionDescriptor> partitions = List.copyOf(catalog.get().partitionDescriptors());
      sink.reply(new ApiReply(200, out -> write(partitions, out)));
    } else if (request.method().equals("POST")
        && rest.endsWith(SPLIT)
        && rest.length() > SPLIT.length()) {
      split(request, rest.substring(1, rest.length() - SPLIT.length()), sink);
    } else {
      sink.reply(refusal(404, "there is no operation " + request.method() + " " + request.path()));
    }
  }

  private void split(RestRequest request, String name, ReplySink sink) {
    long id;
    OptionalLong token;
    try {
      id = Long.parseUnsignedLong(name);
      token =
          request.length() == 0
              ? OptionalLong.empty()
              : token(
                  WireReader.read(
                      request.body(), request.offset(), request.length(), PartitionsRest::sent));
    } catch (NumberFormatException e) {
      sink.reply(refusal(400, "a partition is a number, a token 16 hexadecimal digits"));
      return;
    } catch (ApiException e) {
      sink.reply(refusal(400, String.valueOf(e.error().message())));
      return;
    }
    Thread.ofVirtual().name("split-" + id).start(() -> sink.reply(split(id, token)));
  }

  private static OptionalLong token(String text) {
    return text.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseUnsignedLong(text, 16));
  }

  private static String sent(WireReader in) {
    @Nullable String token = null;
    while (in.nextMember()) {
      if (in.member().equals("Token")) {
        token = in.string();
      } else {
        in.skip();
      }
    }
    return token == null ? "" : token;
  }

  private ApiReply split(long id, OptionalLong token) {
    try {
      if (steps.begin(id, token, "an operator asked for it") instanceof Step.Refused(String why)) {
        return refusal(409, why);
      }
      List<PartitionDescriptor> begun =
          client.read(List.of(CatalogKeys.partition(id))).getObjectsList().stream()
              .map(CatalogObject::getPartition)
              .toList();
      ReplyBody body = out -> write(begun, out);
      return new ApiReply(200, body);
    } catch (CatalogUnavailableException e) {
      return refusal(503, "the catalog does not answer: it may have begun or not");
    } catch (RuntimeException e) {
      LOG.error("partition {} could not be split", id, e);
      return refusal(500, "internal error");
    }
  }

  private static void write(List<PartitionDescriptor> partitions, WireWriter out) {
    out.beginObject();
    out.beginArray("Partitions");
    for (PartitionDescriptor partition : partitions) {
      out.beginObject();
      out.field("Partition", partition.getPartitionId());
      out.field("Ring", partition.getRingId());
      out.field("State", state(partition));
      out.field("FirstToken", hex(partition.getFirstToken()));
      out.field("LastToken", hex(partition.getLastToken()));
      out.field("Replicas", List.copyOf(partition.getReplicaNodeIdsList()));
      if (partition.getParentId() != 0) {
        out.field("Parent", partition.getParentId());
      }
      if (partition.hasSplit()) {
        out.field("First", partition.getSplit().getFirstId());
        out.field("Second", partition.getSplit().getSecondId());
        out.field("Token", hex(partition.getSplit().getToken()));
        out.field("Reason", partition.getSplit().getReason());
      }
      out.endObject();
    }
    out.endArray();
    out.endObject();
  }

  private static String hex(long token) {
    return String.format(Locale.ROOT, "%016x", token);
  }

  /**
   * What a partition is to the ring: serving, splitting, an embryo of a split, or closed by one.
   */
  public static String state(PartitionDescriptor partition) {
    return switch (partition.getState()) {
      case SERVING -> partition.hasSplit() ? "splitting" : "serving";
      case EMBRYO -> "embryo";
      case CLOSED -> "closed";
      case UNRECOGNIZED -> "unknown";
    };
  }

  private static ApiReply refusal(int status, String message) {
    return new ApiReply(
        status,
        out -> {
          out.beginObject();
          out.field("Message", message);
          out.endObject();
        });
  }
}
