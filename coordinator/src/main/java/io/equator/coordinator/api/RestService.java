package io.equator.coordinator.api;

/**
 * A service on the same port whose operations are told apart by method and path, as Lambda's are,
 * and not by {@code X-Amz-Target}.
 */
public interface RestService {
  /** Has no paths. */
  RestService NONE =
      new RestService() {
        @Override
        public boolean owns(String path) {
          return false;
        }

        @Override
        public void handle(RestRequest request, ReplySink sink) {
          throw new IllegalStateException("nothing is served here");
        }
      };

  /** Whether requests to this path are for this service, whatever their method. */
  boolean owns(String path);

  /** Takes one request and answers it once, on any thread; must not block. */
  void handle(RestRequest request, ReplySink sink);
}
