package io.equator.server.contract;

/** The contract against three storage nodes that replicate to one another. */
class ThreeNodeContractTest extends ContractCluster {
  ThreeNodeContractTest() {
    super(3);
  }
}
