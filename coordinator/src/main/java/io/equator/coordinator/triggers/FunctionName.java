package io.equator.coordinator.triggers;

import io.equator.coordinator.tables.Arns;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a mapping calls: a registered function, named as Lambda functions are (name, partial or
 * whole ARN, with or without a qualifier), or a URL.
 *
 * @param arn as the mapping shows it: the function's ARN, or the URL
 * @param name the registered name, without qualifier; empty for a URL
 */
record FunctionName(String arn, String name) {
  /** The longest URL. */
  static final int URL_LENGTH_MAX = 2048;

  static final String PATTERN =
      "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?"
          + "(function:)?([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";

  private static final Pattern NAME = Pattern.compile(PATTERN);
  private static final int NAME_GROUP = 10;
  private static final int QUALIFIER_GROUP = 11;

  static boolean isUrl(String text) {
    return text.startsWith("http://") || text.startsWith("https://");
  }

  /** Reads a name; empty when it is none. */
  static Optional<FunctionName> parse(String text, Arns arns) {
    if (isUrl(text)) {
      return usableUrl(text) ? Optional.of(new FunctionName(text, "")) : Optional.empty();
    }
    Matcher parts = NAME.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String name = parts.group(NAME_GROUP);
    String qualifier = parts.group(QUALIFIER_GROUP);
    String arn =
        text.startsWith("arn:")
            ? text
            : "arn:aws:lambda:"
                + arns.region()
                + ":"
                + arns.accountId()
                + ":function:"
                + name
                + (qualifier == null ? "" : qualifier);
    return Optional.of(new FunctionName(arn, name));
  }

  /** Whether records can be posted there: an http or https URL with a host and no password. */
  static boolean usableUrl(String text) {
    try {
      URI uri = new URI(text);
      return text.length() <= URL_LENGTH_MAX
          && isUrl(text)
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawFragment() == null;
    } catch (URISyntaxException _) {
      return false;
    }
  }
}
