package io.equator.server.contract;

/**
 * The contract against three storage nodes with several partitions: most transactions span some.
 */
class SeveralPartitionsContractTest extends ContractCluster {
  SeveralPartitionsContractTest() {
    super(3, 5);
  }
}
