package io.fundamentallm.samplers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Samplers;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenBuffer;
import io.fundamentallm.model.ModelInfo;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SteadyStateTest {
  private static final int STEPS = 500;

  /** So that there is something to repeat. */
  private static final int[] PROMPT = new Random(2).ints(300, 0, 12).toArray();

  static List<String> specs() {
    List<String> specs =
        new ArrayList<>(
            List.of("temperature=0", "top-k=1500", "top-k=40,top-p=0.9,temperature=0.7"));
    specs.addAll(AllStages.PROCESSORS);
    specs.addAll(AllStages.CHOICES);
    return specs;
  }

  @ParameterizedTest
  @MethodSource("specs")
  void a_step_allocates_nothing(String spec) {
    ModelInfo info = ModelInfo.builder("test", 2000, 16).endTokens(Set.of(0)).build();
    Step step = new Step(info, TokenBuffer.ofPrompt(PROMPT), new Randomness(1, 0));
    Sampler sampler = Samplers.parse(spec).bind(Binding.of(info));
    float[] logits = new float[2000];
    Random random = new Random(1);
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) random.nextGaussian();
    }
    float[] row = new float[logits.length];
    run(sampler, step, logits, row);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    threads.getThreadAllocatedBytes(thread);
    long before = threads.getThreadAllocatedBytes(thread);
    run(sampler, step, logits, row);
    // reading the counter may itself allocate a little; one object a step would be 8,000 bytes
    assertThat(threads.getThreadAllocatedBytes(thread) - before).isLessThan(STEPS * 8L);
  }

  private static void run(Sampler sampler, Step step, float[] logits, float[] row) {
    for (int i = 0; i < STEPS; i++) {
      System.arraycopy(logits, 0, row, 0, row.length);
      sampler.sample(step.reset(row));
    }
  }
}
