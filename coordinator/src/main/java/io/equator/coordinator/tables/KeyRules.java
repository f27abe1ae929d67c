package io.equator.coordinator.tables;

import static io.equator.coordinator.tables.Rules.invalid;

import io.equator.model.error.ApiException;
import io.equator.proto.IndexDescriptor;
import io.equator.proto.KeyElement;
import io.equator.proto.KeyType;
import io.equator.proto.ProjectionType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What the keys, attribute definitions and indexes of a table must mean together, checked on the
 * descriptor that would be stored, in DynamoDB's order.
 *
 * <p>The texts for keys of several attributes (four HASH and four RANGE ones in a global index,
 * since November 2025) are not known; ours follow the style of the others.
 */
final class KeyRules {
  static final int LOCAL_INDEXES_MAX = 5;
  static final int GLOBAL_INDEXES_MAX = 20;

  /** Over all indexes of a table. */
  private static final int NON_KEY_ATTRIBUTES_MAX = 100;

  private static final int KEY_ATTRIBUTES_PER_TYPE_MAX = 4;

  private KeyRules() {}

  /**
   * The table's own key.
   *
   * @param indexed whether the request has a list of indexes, be it empty
   */
  static void checkTable(List<KeyElement> key, List<KeyElement> definitions, boolean indexed) {
    if (key.size() > definitions.size()) {
      throw ApiException.validation(
          "Invalid KeySchema: Some index key attribute have no definition");
    }
    checkDefined(key, definitions);
    checkDistinct(definitions);
    checkPair(key);
    if (!indexed && key.size() != definitions.size()) {
      throw invalid(
          "Number of attributes in KeySchema does not exactly match number of attributes defined"
              + " in AttributeDefinitions");
    }
  }

  /** The local indexes of a request that has such a list. */
  static void checkLocalIndexes(
      List<IndexDescriptor> indexes, List<KeyElement> key, List<KeyElement> definitions) {
    if (indexes.isEmpty()) {
      throw invalid("List of LocalSecondaryIndexes is empty");
    }
    if (key.size() != 2) {
      throw invalid(
          "Table KeySchema does not have a range key, which is required when specifying a"
              + " LocalSecondaryIndex");
    }
    String tableHash = key.getFirst().getAttributeName();
    Set<String> names = new HashSet<>();
    for (IndexDescriptor index : indexes) {
      List<KeyElement> indexKey = index.getKeyList();
      checkDefined(indexKey, definitions);
      checkPair(indexKey);
      if (indexKey.size() != 2) {
        throw invalid("Index KeySchema does not have a range key for index: " + index.getName());
      }
      String indexHash = indexKey.getFirst().getAttributeName();
      if (!indexHash.equals(tableHash)) {
        throw invalid(
            "Index KeySchema does not have the same leading hash key as table KeySchema for index: "
                + index.getName()
                + ". index hash key: "
                + indexHash
                + ", table hash key: "
                + tableHash);
      }
      checkProjection(index);
      checkNew(index.getName(), names);
    }
    if (indexes.size() > LOCAL_INDEXES_MAX) {
      throw invalid(
          "Number of LocalSecondaryIndexes exceeds per-table limit of " + LOCAL_INDEXES_MAX);
    }
  }

  /**
   * The global indexes of a request that has such a list; their names must not be those of local
   * ones.
   */
  static void checkGlobalIndexes(
      List<IndexDescriptor> indexes,
      List<IndexDescriptor> localIndexes,
      List<KeyElement> definitions,
      boolean payPerRequest) {
    if (indexes.isEmpty()) {
      throw invalid("List of GlobalSecondaryIndexes is empty");
    }
    Set<String> names = new HashSet<>();
    localIndexes.forEach(index -> names.add(index.getName()));
    for (IndexDescriptor index : indexes) {
      checkGlobalIndex(index, definitions, payPerRequest);
      checkNew(index.getName(), names);
    }
    if (indexes.size() > GLOBAL_INDEXES_MAX) {
      throw tooManyGlobalIndexes();
    }
  }

  static ApiException tooManyGlobalIndexes() {
    return invalid(
        "GlobalSecondaryIndex count exceeds the per-table limit of " + GLOBAL_INDEXES_MAX);
  }

  /** One global index for itself. */
  static void checkGlobalIndex(
      IndexDescriptor index, List<KeyElement> definitions, boolean payPerRequest) {
    List<KeyElement> key = index.getKeyList();
    checkDefined(key, definitions);
    if (key.size() <= 2 && hashCount(key) < 2) {
      checkPair(key);
    } else {
      checkComposite(key, index.getName());
    }
    checkProjection(index);
    ThroughputRules.checkNewIndex(index, payPerRequest);
  }

  /** Every definition must be of some key, and there is a bound on what indexes include. */
  static void checkTogether(
      List<KeyElement> key, List<KeyElement> definitions, List<IndexDescriptor> indexes) {
    int included = 0;
    Set<String> used = new LinkedHashSet<>(names(key));
    for (IndexDescriptor index : indexes) {
      used.addAll(names(index.getKeyList()));
      included += index.getNonKeyAttributesCount();
    }
    if (!used.containsAll(names(definitions))) {
      throw invalid(
          "Some AttributeDefinitions are not used. AttributeDefinitions: "
              + names(definitions)
              + ", keys used: "
              + List.copyOf(used));
    }
    if (included > NON_KEY_ATTRIBUTES_MAX) {
      throw invalid(
          "The total number of NonKeyAttributes over all indexes exceeds the per-table limit of "
              + NON_KEY_ATTRIBUTES_MAX);
    }
  }

  private static void checkDefined(List<KeyElement> key, List<KeyElement> definitions) {
    if (!names(definitions).containsAll(names(key))) {
      throw invalid(
          "Some index key attributes are not defined in AttributeDefinitions. Keys: "
              + names(key)
              + ", AttributeDefinitions: "
              + names(definitions));
    }
  }

  private static void checkDistinct(List<KeyElement> definitions) {
    Set<String> seen = new HashSet<>();
    for (String name : names(definitions)) {
      if (!seen.add(name)) {
        throw invalid("Duplicate AttributeName in AttributeDefinitions: " + name);
      }
    }
  }

  /** A key of one HASH and at most one RANGE attribute. */
  private static void checkPair(List<KeyElement> key) {
    boolean pair = key.size() == 2;
    if (pair && key.getFirst().getAttributeName().equals(key.getLast().getAttributeName())) {
      throw ApiException.validation(
          "Both the Hash Key and the Range Key element in the KeySchema have the same name");
    }
    if (key.getFirst().getKeyType() != KeyType.HASH) {
      throw firstIsNotHash();
    }
    if (pair && key.getLast().getKeyType() != KeyType.RANGE) {
      throw ApiException.validation(
          "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
    }
  }

  private static ApiException firstIsNotHash() {
    return ApiException.validation(
        "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  }

  private static void checkComposite(List<KeyElement> key, String index) {
    Set<String> distinct = new HashSet<>(names(key));
    if (distinct.size() != key.size()) {
      throw ApiException.validation(
          "Invalid KeySchema: Some attributes are named more than once for index: " + index);
    }
    if (key.getFirst().getKeyType() != KeyType.HASH) {
      throw firstIsNotHash();
    }
    int hashCount = hashCount(key);
    for (int i = 0; i < hashCount; i++) {
      if (key.get(i).getKeyType() != KeyType.HASH) {
        throw ApiException.validation(
            "Invalid KeySchema: All HASH key elements must precede all RANGE key elements for"
                + " index: "
                + index);
      }
    }
    if (hashCount > KEY_ATTRIBUTES_PER_TYPE_MAX
        || key.size() - hashCount > KEY_ATTRIBUTES_PER_TYPE_MAX) {
      throw ApiException.validation(
          "Invalid KeySchema: At most "
              + KEY_ATTRIBUTES_PER_TYPE_MAX
              + " HASH and "
              + KEY_ATTRIBUTES_PER_TYPE_MAX
              + " RANGE key elements are allowed for index: "
              + index);
    }
  }

  private static int hashCount(List<KeyElement> key) {
    int count = 0;
    for (KeyElement element : key) {
      count += element.getKeyType() == KeyType.HASH ? 1 : 0;
    }
    return count;
  }

  private static void checkProjection(IndexDescriptor index) {
    ProjectionType type = index.getProjectionType();
    if (type == ProjectionType.PROJECTION_TYPE_UNSPECIFIED) {
      throw invalid("Unknown ProjectionType: null");
    }
    boolean includes = index.getNonKeyAttributesCount() > 0;
    if (includes != (type == ProjectionType.INCLUDE)) {
      throw invalid(
          "ProjectionType is "
              + type
              + ", but NonKeyAttributes is "
              + (includes ? "specified" : "not specified"));
    }
  }

  private static void checkNew(String name, Set<String> names) {
    if (!names.add(name)) {
      throw invalid("Duplicate index name: " + name);
    }
  }

  /** The attributes' names in order. */
  static List<String> names(List<KeyElement> elements) {
    List<String> names = new ArrayList<>(elements.size());
    for (KeyElement element : elements) {
      names.add(element.getAttributeName());
    }
    return names;
  }
}
