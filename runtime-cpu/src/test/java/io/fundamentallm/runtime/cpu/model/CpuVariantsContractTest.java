package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.contract.LanguageModelContract;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;

/**
 * The contract on every kind of cache, weights and attention, to the last bit: what is stored is
 * the same however it came.
 */
class CpuVariantsContractTest {

  abstract static class Exact extends LanguageModelContract {
    @Override
    protected boolean exact() {
      return true;
    }

    @Override
    protected double tolerance() {
      return 0;
    }

    @Override
    protected int longest() {
      return RandomGpt2.CONFIG.contextLength();
    }
  }

  private static LanguageModel gpt2(KvCache.Format cache) {
    return RandomGpt2.model(
        RandomGpt2.CONFIG, Kernels.best(), Parallel.ofThreads(2), cache, OptionalLong.empty());
  }

  private static LanguageModel model(
      TransformerConfig config, Matrix.@Nullable Format weights, KvCache.Format cache) {
    return RandomWeights.model(config, weights, cache, OptionalLong.empty());
  }

  @Nested
  class Half_cache extends Exact {
    @Override
    protected LanguageModel model() {
      return gpt2(KvCache.Format.F16);
    }
  }

  @Nested
  class Byte_cache extends Exact {
    @Override
    protected LanguageModel model() {
      return gpt2(KvCache.Format.INT8);
    }
  }

  @Nested
  class Int8_weights extends Exact {
    @Override
    protected LanguageModel model() {
      return CpuVariantsContractTest.model(
          Shapes.llama(3, 3, 8, false, 0, 0), Matrix.Format.INT8, KvCache.Format.F32);
    }
  }

  @Nested
  class Int4_weights extends Exact {
    @Override
    protected LanguageModel model() {
      return CpuVariantsContractTest.model(
          Shapes.llama(3, 3, 8, false, 0, 0), Matrix.Format.INT4, KvCache.Format.F32);
    }
  }

  @Nested
  class Grouped_queries extends Exact {
    @Override
    protected LanguageModel model() {
      return CpuVariantsContractTest.model(
          Shapes.llama(6, 2, 8, true, 0, 0), null, KvCache.Format.F32);
    }
  }

  @Nested
  class Windows_smaller_than_a_block extends Exact {
    @Override
    protected LanguageModel model() {
      return CpuVariantsContractTest.model(
          Shapes.llama(3, 3, 8, false, 1, 5), null, KvCache.Format.F32);
    }
  }

  @Nested
  class Windows_across_blocks extends Exact {
    @Override
    protected LanguageModel model() {
      return CpuVariantsContractTest.model(
          Shapes.llama(4, 1, 8, false, 40, 0, 32), null, KvCache.Format.F32);
    }
  }

  @Nested
  class Parallel_residual_with_odd_heads extends Exact {
    @Override
    protected LanguageModel model() {
      return CpuVariantsContractTest.model(Shapes.gptNeox(), null, KvCache.Format.F32);
    }
  }

  @Nested
  class Heads_wider_than_a_panel extends Exact {
    @Override
    protected LanguageModel model() {
      return CpuVariantsContractTest.model(
          Shapes.llama(2, 1, 37, false, 0, 20), null, KvCache.Format.F16);
    }
  }

  @Nested
  class Norms_before_and_after_with_caps_and_two_rotary_bases extends Exact {
    @Override
    protected LanguageModel model() {
      return CpuVariantsContractTest.model(Shapes.gemma(), Matrix.Format.INT8, KvCache.Format.F32);
    }
  }

  @Nested
  class Norms_after_with_positions_that_change_with_the_length extends Exact {
    @Override
    protected LanguageModel model() {
      return CpuVariantsContractTest.model(Shapes.olmo(), null, KvCache.Format.F16);
    }
  }

  @Nested
  class Experts extends Exact {
    @Override
    protected LanguageModel model() {
      return CpuVariantsContractTest.model(Shapes.experts(), null, KvCache.Format.F32);
    }
  }

  @Nested
  class Sinks_and_experts_with_limited_gates extends Exact {
    @Override
    protected LanguageModel model() {
      return CpuVariantsContractTest.model(Shapes.gptOss(), null, KvCache.Format.F32);
    }
  }

  @Nested
  class Experts_of_four_bits extends Exact {
    @Override
    protected LanguageModel model() {
      return CpuVariantsContractTest.model(
          Shapes.experts(), Matrix.Format.INT4, KvCache.Format.INT8);
    }
  }

  @Nested
  class All_of_it extends Exact {
    @Override
    protected LanguageModel model() {
      return CpuVariantsContractTest.model(
          Shapes.llama(4, 2, 11, true, 9, 0, 33), Matrix.Format.INT4, KvCache.Format.INT8);
    }
  }
}
