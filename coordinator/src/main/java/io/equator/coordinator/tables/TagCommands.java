package io.equator.coordinator.tables;

import io.equator.coordinator.api.ReplyBody;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.tables.Shapes.Tag;
import io.equator.model.error.ApiException;
import io.equator.model.error.ErrorCode;
import io.equator.proto.TableDescriptor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * TagResource, UntagResource and ListTagsOfResource, for tables.
 *
 * <p>Tags are kept sorted by key, so a page goes on behind a key, whatever was added or removed
 * meanwhile.
 */
final class TagCommands {
  private static final int PAGE_SIZE = 10;
  private static final int ARN_MAX = 1283;

  private final TableCatalog catalog;

  TagCommands(TableCatalog catalog) {
    this.catalog = catalog;
  }

  /** All three requests, as they were sent. */
  record TagRequest(
      @Nullable String resourceArn,
      @Nullable List<Tag> tags,
      @Nullable List<String> tagKeys,
      @Nullable String nextToken) {
    static TagRequest read(WireReader in) {
      String resourceArn = null;
      List<Tag> tags = null;
      List<String> tagKeys = null;
      String nextToken = null;
      while (in.nextMember()) {
        switch (in.member()) {
          case "ResourceArn" -> resourceArn = in.string();
          case "Tags" -> tags = Shapes.list(in, Tag::read);
          case "TagKeys" -> tagKeys = in.stringList();
          case "NextToken" -> nextToken = in.string();
          default -> in.skip();
        }
      }
      return new TagRequest(resourceArn, tags, tagKeys, nextToken);
    }
  }

  ReplyBody tag(TagRequest request) {
    String arn = requireArn(request);
    ShapeConstraints constraints = new ShapeConstraints();
    constraints.length("resourceArn", arn, 1, ARN_MAX);
    if (constraints.notNull("tags", request.tags())) {
      constraints.tags(request.tags());
    }
    constraints.throwIfAny();
    String name = tableOf(arn, "TagResource");
    List<io.equator.proto.Tag> added = Descriptors.tags(request.tags());
    if (added.isEmpty()) {
      throw ApiException.validation("Atleast one Tag needs to be provided as Input.");
    }
    require(name, arn);
    catalog.change(
        name,
        (table, _) -> {
          checkChangeable(table);
          return table.toBuilder()
              .clearTags()
              .addAllTags(FeatureRules.addTags(table.getTagsList(), added))
              .build();
        });
    return ReplyBody.EMPTY;
  }

  ReplyBody untag(TagRequest request) {
    String arn = requireArn(request);
    ShapeConstraints constraints = new ShapeConstraints();
    constraints.length("resourceArn", arn, 1, ARN_MAX);
    if (constraints.notNull("tagKeys", request.tagKeys())) {
      constraints.tagKeys(request.tagKeys());
    }
    constraints.throwIfAny();
    String name = tableOf(arn, "UntagResource");
    Set<String> removed = Set.copyOf(request.tagKeys() == null ? List.of() : request.tagKeys());
    if (removed.isEmpty()) {
      throw ApiException.validation("Atleast one Tag Key needs to be provided as Input.");
    }
    if (catalog.find(name).isEmpty()) {
      throw ApiException.of(ErrorCode.RESOURCE_NOT_FOUND, "Requested resource not found");
    }
    catalog.change(
        name,
        (table, _) -> {
          checkChangeable(table);
          TableDescriptor.Builder next = table.toBuilder().clearTags();
          for (io.equator.proto.Tag tag : table.getTagsList()) {
            if (!removed.contains(tag.getKey())) {
              next.addTags(tag);
            }
          }
          return next.build();
        });
    return ReplyBody.EMPTY;
  }

  private static void checkChangeable(TableDescriptor table) {
    switch (table.getStatus()) {
      case Statuses.CREATING -> throw Rules.tableInUse(table.getName(), "created");
      case Statuses.DELETING -> throw Rules.tableInUse(table.getName(), "deleted");
      default -> {}
    }
  }

  ReplyBody list(TagRequest request) {
    String arn = requireArn(request);
    ShapeConstraints constraints = new ShapeConstraints();
    constraints.length("resourceArn", arn, 1, ARN_MAX);
    constraints.throwIfAny();
    String name = tableOf(arn, "ListTagsOfResource");
    TableDescriptor table = require(name, arn);
    String after = request.nextToken() == null ? "" : decode(request.nextToken());
    List<io.equator.proto.Tag> page = new ArrayList<>();
    Optional<String> token = Optional.empty();
    for (io.equator.proto.Tag tag : table.getTagsList()) {
      if (tag.getKey().compareTo(after) <= 0) {
        continue;
      }
      if (page.size() == PAGE_SIZE) {
        token = Optional.of(encode(page.getLast().getKey()));
        break;
      }
      page.add(tag);
    }
    Optional<String> next = token;
    return out -> {
      out.beginObject();
      out.beginArray("Tags");
      for (io.equator.proto.Tag tag : page) {
        out.beginObject();
        out.field("Key", tag.getKey());
        out.field("Value", tag.getValue());
        out.endObject();
      }
      out.endArray();
      next.ifPresent(text -> out.field("NextToken", text));
      out.endObject();
    };
  }

  /** A token is the last key of its page in base64, so that nobody comes to rely on it. */
  private static String encode(String key) {
    return Base64.getUrlEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8));
  }

  private static String decode(String token) {
    try {
      return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ApiException.validation("Invalid NextToken: " + token);
    }
  }

  private TableDescriptor require(String name, String arn) {
    return catalog
        .find(name)
        .orElseThrow(
            () ->
                ApiException.of(
                    ErrorCode.RESOURCE_NOT_FOUND,
                    "Requested resource not found: ResourcArn: " + arn + " not found"));
  }

  private static String requireArn(TagRequest request) {
    if (request.resourceArn() == null) {
      throw ApiException.validation("Invalid TableArn");
    }
    return request.resourceArn();
  }

  /** The table that an ARN of this account and region names. */
  private String tableOf(String arn, String operation) {
    Arns arns = catalog.arns();
    String prefix = arns.tablePrefix();
    String[] parts = arn.split(":", 6);
    boolean wellFormed =
        parts.length == 6
            && parts[0].equals("arn")
            && parts[2].equals("dynamodb")
            && !parts[3].isEmpty()
            && isAccount(parts[4])
            && parts[5].startsWith("table/")
            && parts[5].indexOf('/', 6) < 0
            && parts[5].length() >= "table/".length() + 3;
    if (!wellFormed) {
      throw ApiException.validation(
          "Invalid TableArn: Invalid ResourceArn provided as input " + arn);
    }
    if (!arn.startsWith(prefix)) {
      throw ApiException.of(
          ErrorCode.ACCESS_DENIED,
          "User: arn:aws:iam::"
              + arns.accountId()
              + ":root is not authorized to perform: dynamodb:"
              + operation
              + " on resource: "
              + arn
              + " because no resource-based policy allows the dynamodb:"
              + operation
              + " action");
    }
    return arn.substring(prefix.length());
  }

  private static boolean isAccount(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return !text.isEmpty();
  }
}
