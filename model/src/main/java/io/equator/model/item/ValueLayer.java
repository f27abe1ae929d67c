package io.equator.model.item;

/**
 * Which of DynamoDB's two value validators speaks. They find the same problems and word some of
 * them differently.
 */
public enum ValueLayer {
  /**
   * PutItem, UpdateItem, DeleteItem (which wrap the text in {@code 1 validation error detected: }),
   * GetItem, BatchGetItem and Query (which do not).
   */
  CURRENT,
  /** BatchWriteItem, Scan and the transactions. */
  OLDER
}
