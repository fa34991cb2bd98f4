package io.fundamentallm.samplers;

import io.fundamentallm.Recipe;
import io.fundamentallm.Sampler;
import io.fundamentallm.Samplers;
import io.fundamentallm.contract.SamplerContract;
import org.junit.jupiter.api.Nested;

class SamplerContractTest {
  @Nested
  class Greedy extends SamplerContract {
    @Override
    protected Recipe<Sampler> sampler() {
      return Samplers.parse("temperature=0");
    }
  }

  @Nested
  class Warm extends SamplerContract {
    @Override
    protected Recipe<Sampler> sampler() {
      return Samplers.parse("temperature=0.8");
    }
  }

  @Nested
  class K extends SamplerContract {
    @Override
    protected Recipe<Sampler> sampler() {
      return Samplers.parse("top-k=5");
    }
  }

  @Nested
  class P extends SamplerContract {
    @Override
    protected Recipe<Sampler> sampler() {
      return Samplers.parse("top-p(value=0.7,min-keep=2)");
    }
  }

  @Nested
  class Chain extends SamplerContract {
    @Override
    protected Recipe<Sampler> sampler() {
      return Samplers.parse("temperature=1.3,top-k=12,top-p=0.9");
    }
  }
}
