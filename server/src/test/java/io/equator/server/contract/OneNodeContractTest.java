package io.equator.server.contract;

/** The contract against one storage node. */
class OneNodeContractTest extends ContractCluster {
  OneNodeContractTest() {
    super(1);
  }
}
