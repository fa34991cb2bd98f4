package io.fundamentallm.samplers.decode;

import org.junit.jupiter.api.Nested;

class ContrastiveContractTest {
  @Nested
  class Plain extends OfSpec {
    Plain() {
      super("contrastive");
    }
  }

  @Nested
  class OfOne extends OfSpec {
    OfOne() {
      super("contrastive(k=1)");
    }
  }

  @Nested
  class Wide extends OfSpec {
    Wide() {
      super("contrastive(k=12,alpha=0.3)");
    }
  }
}
