package io.equator.coordinator.triggers;

import io.equator.coordinator.api.ApiReply;
import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.api.ReplySink;
import io.equator.coordinator.api.RequestAuthenticator;
import io.equator.coordinator.api.RequestId;
import io.equator.coordinator.api.RestRequest;
import io.equator.coordinator.api.RestService;
import io.equator.coordinator.json.RequestReader;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.triggers.FunctionOperations.Registration;
import io.equator.coordinator.triggers.MappingOperations.Listing;
import io.equator.model.error.ApiError;
import io.equator.model.error.ApiException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way in: Lambda's REST calls for event-source mappings, and ours for functions.
 *
 * <pre>
 *   POST   /2015-03-31/event-source-mappings          CreateEventSourceMapping
 *   GET    /2015-03-31/event-source-mappings          ListEventSourceMappings
 *   GET    /2015-03-31/event-source-mappings/{uuid}   GetEventSourceMapping
 *   PUT    /2015-03-31/event-source-mappings/{uuid}   UpdateEventSourceMapping
 *   DELETE /2015-03-31/event-source-mappings/{uuid}   DeleteEventSourceMapping
 *   GET    /equator/functions                         list
 *   PUT    /equator/functions/{name}                  register, or change
 *   DELETE /equator/functions/{name}                  remove
 * </pre>
 *
 * <p>The edge's thread parses; the rest runs on a virtual thread, of which {@value #CONCURRENT_MAX}
 * run at a time.
 */
final class LambdaService implements RestService, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LambdaService.class);
  private static final int CONCURRENT_MAX = 100;

  /** What a request without a good signature gets, where DynamoDB says 400. */
  private static final int FORBIDDEN = 403;

  private static final String MAPPINGS = "/2015-03-31/event-source-mappings";
  private static final String FUNCTIONS = "/equator/functions";

  private final MappingOperations mappings;
  private final FunctionOperations functions;
  private final RequestAuthenticator authenticator;
  private final Semaphore permits = new Semaphore(CONCURRENT_MAX);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  LambdaService(
      MappingOperations mappings,
      FunctionOperations functions,
      RequestAuthenticator authenticator) {
    this.mappings = mappings;
    this.functions = functions;
    this.authenticator = authenticator;
  }

  @Override
  public boolean owns(String path) {
    return isUnder(MAPPINGS, path) || isUnder(FUNCTIONS, path);
  }

  private static boolean isUnder(String root, String path) {
    return path.startsWith(root)
        && (path.length() == root.length() || path.charAt(root.length()) == '/');
  }

  /** An operation whose request was read, and the status of its answer. */
  private record Bound(int status, Supplier<ReplyBody> body) {}

  @Override
  public void handle(RestRequest request, ReplySink sink) {
    RequestAuthenticator.Outcome outcome =
        authenticator.authenticate(
            request.head(), request.body(), request.offset(), request.length());
    if (outcome instanceof RequestAuthenticator.Outcome.Refused(ApiError error)) {
      sink.reply(reply(FORBIDDEN, error.code().code(), textOf(error)));
      return;
    }
    RequestId requestId = request.requestId();
    try {
      Bound bound = bind(request);
      if (!permits.tryAcquire()) {
        throw LambdaException.tooMany();
      }
      run(bound, requestId, sink);
    } catch (RuntimeException e) {
      sink.reply(failure(e, requestId));
    }
  }

  private void run(Bound bound, RequestId requestId, ReplySink sink) {
    try {
      threads.execute(
          () -> {
            ApiReply reply;
            try {
              reply = new ApiReply(bound.status(), bound.body().get());
            } catch (RuntimeException e) {
              reply = failure(e, requestId);
            } finally {
              permits.release();
            }
            sink.reply(reply);
          });
    } catch (RejectedExecutionException e) {
      permits.release();
      throw LambdaException.service();
    }
  }

  /** Finds the operation and reads the request, whose bytes are gone afterwards. */
  private Bound bind(RestRequest request) {
    boolean ofMappings = isUnder(MAPPINGS, request.path());
    String rest = request.path().substring((ofMappings ? MAPPINGS : FUNCTIONS).length());
    String name = decoded(rest.startsWith("/") ? rest.substring(1) : rest, false);
    String key = (ofMappings ? "mapping" : "function") + (name.isEmpty() ? "s " : " ");
    return switch (key + request.method()) {
      case "mappings POST" -> {
        MappingRequest read = parse(request, MappingRequest::read);
        yield new Bound(202, () -> mappings.create(read));
      }
      case "mappings GET" -> {
        Listing listing = listing(request.head().query());
        yield new Bound(200, () -> mappings.list(listing));
      }
      case "mapping GET" -> new Bound(200, () -> mappings.get(name));
      case "mapping PUT" -> {
        MappingRequest read = parse(request, MappingRequest::read);
        yield new Bound(202, () -> mappings.update(name, read));
      }
      case "mapping DELETE" -> new Bound(202, () -> mappings.delete(name));
      case "functions GET" -> new Bound(200, functions::list);
      case "function PUT" -> {
        Registration read = parse(request, Registration::read);
        yield new Bound(200, () -> functions.put(name, read));
      }
      case "function DELETE" -> new Bound(200, () -> functions.delete(name));
      default ->
          throw LambdaException.of(
              404,
              "UnknownOperationException",
              "There is no operation " + request.method() + " " + request.path() + ".");
    };
  }

  private static <T> T parse(RestRequest request, RequestReader<T> reader) {
    return WireReader.read(request.body(), request.offset(), request.length(), reader);
  }

  private static Listing listing(String query) {
    Map<String, String> parameters = new HashMap<>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        parameters.put(
            decoded(pair.substring(0, equals), true), decoded(pair.substring(equals + 1), true));
      }
    }
    Integer maxItems = null;
    String sent = parameters.get("MaxItems");
    if (sent != null) {
      try {
        maxItems = Integer.valueOf(sent);
      } catch (NumberFormatException _) {
        throw LambdaException.of(
            400, "SerializationException", "MaxItems is not a number: " + sent);
      }
    }
    return new Listing(
        parameters.get("EventSourceArn"),
        parameters.get("FunctionName"),
        parameters.get("Marker"),
        maxItems);
  }

  /**
   * @param form whether a plus is a blank, as in queries
   */
  private static String decoded(String text, boolean form) {
    try {
      return URLDecoder.decode(form ? text : text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      throw LambdaException.of(
          400, "SerializationException", "The request's target is not encoded well.");
    }
  }

  private static ApiReply failure(RuntimeException failure, RequestId requestId) {
    return switch (failure) {
      case LambdaException e -> reply(e.status(), e.type(), e.message());
      case ApiException e ->
          reply(e.error().code().httpStatus(), e.error().code().code(), textOf(e.error()));
      default -> {
        LOG.error("a call for triggers failed, request {}", requestId, failure);
        yield reply(500, "ServiceException", "Internal server error");
      }
    };
  }

  private static String textOf(ApiError error) {
    return error.message() == null ? "" : error.message();
  }

  private static ApiReply reply(int status, String type, String message) {
    return new ApiReply(
        status,
        out -> {
          out.beginObject();
          out.field("Type", status < 500 ? "User" : "Service");
          out.field("Message", message);
          out.endObject();
        },
        type);
  }

  /** Waits for the operations that run. Idempotent. */
  @Override
  public void close() {
    threads.close();
  }
}
