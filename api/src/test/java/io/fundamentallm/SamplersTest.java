package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.fundamentallm.Stubs.Only;
import io.fundamentallm.Stubs.Temperature;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenBuffer;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.List;
import org.junit.jupiter.api.Test;

class SamplersTest {
  private static final ModelInfo INFO = ModelInfo.builder("none", 4, 8).build();
  private static final Registry REGISTRY =
      Registry.of()
          .with(new Only(), new Temperature("temperature", 0), new Plus(), new NeedsText());

  private static int choose(String spec, float... row) {
    Step step = new Step(INFO, TokenBuffer.ofPrompt(0), new Randomness(1, 0));
    return Samplers.parse(spec, REGISTRY).bind(Binding.of(INFO)).sample(step.reset(row));
  }

  @Test
  void stages_run_in_the_written_order() {
    Step step = new Step(INFO, TokenBuffer.ofPrompt(0), new Randomness(1, 0));
    Recipe<Sampler> first = Samplers.parse("plus=1,temperature=0.5,greedy", REGISTRY);
    first.bind(Binding.of(INFO)).sample(step.reset(new float[] {0, 0, 0, 1}));
    assertThat(step.logits().score(3)).isEqualTo(4);
    Recipe<Sampler> second = Samplers.parse("temperature=0.5,plus=1,greedy", REGISTRY);
    second.bind(Binding.of(INFO)).sample(step.reset(new float[] {0, 0, 0, 1}));
    assertThat(step.logits().score(3)).isEqualTo(3);
  }

  @Test
  void a_chain_without_a_choice_draws() {
    assertThat(choose("only=2", 9, 9, 0, 9)).isEqualTo(2);
    assertThat(Samplers.parse("temperature=2", REGISTRY)).hasToString("temperature=2");
    Step step = new Step(INFO, TokenBuffer.ofPrompt(0), new Randomness(1, 0));
    assertThat(
            Samplers.parse("temperature=1e6", REGISTRY)
                .bind(Binding.of(INFO))
                .distribution(step.reset(new float[4])))
        .hasValueSatisfying(d -> assertThat(d.probability(1)).isEqualTo(0.25));
  }

  @Test
  void filtering_all_is_an_error_unless_the_chain_keeps_the_best() {
    assertThatIllegalStateException()
        .isThrownBy(() -> choose("only=1,only=2", 1, 2, 3, 4))
        .withMessageContaining("no token can be chosen at position 1")
        .withMessageContaining("Put a constraint before stages that filter")
        .withMessageContaining("keep-best before them falls back");
    assertThat(choose("keep-best,only=1,only=2", 1, 2, 3, 4)).isEqualTo(3);
    assertThat(choose("keep-best,only=1,only=2,greedy", 1, 5, 5, 4)).isEqualTo(1);
  }

  @Test
  void a_choice_stands_last() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samplers.parse("greedy,only=1", REGISTRY))
        .withMessage(
            "stage \"greedy\" chooses the token, so it must be last; it is followed by \"only\""
                + " in: greedy,only=1");
  }

  @Test
  void an_unknown_option_is_refused_with_the_ones_there_are() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samplers.parse("temperature(valeu=1)", REGISTRY))
        .withMessage("stage \"temperature\" has no option \"valeu\"; it takes: value");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samplers.parse("greedy=1", REGISTRY))
        .withMessage("stage \"greedy\" has no value; it takes no options");
  }

  @Test
  void a_repeated_option_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samplers.parse("temperature(value=1,value=2)", REGISTRY))
        .withMessageContaining("stage \"temperature\" has option \"value\" twice");
  }

  @Test
  void a_value_out_of_range_is_refused_with_the_range() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samplers.parse("temperature=-1,greedy", REGISTRY))
        .withMessage("stage \"temperature\", value: \"-1\" is not in (0, infinity)");
  }

  @Test
  void an_unknown_stage_is_answered_with_the_nearest() {
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Samplers.parse("temprature=1", REGISTRY))
        .withMessageContaining("Did you mean \"temperature\"?");
  }

  @Test
  void a_stage_that_needs_a_tokenizer_says_so_when_it_is_bound() {
    Recipe<Sampler> recipe = Samplers.parse("needs-text", REGISTRY);
    assertThatIllegalStateException()
        .isThrownBy(() -> recipe.bind(Binding.of(INFO)))
        .withMessageContaining("stage \"needs-text\" needs a tokenizer");
    assertThat(recipe.bind(Binding.of(INFO, ByteTokenizer.plain()))).isNotNull();
  }

  @Test
  void every_stage_hears_of_accepted_tokens() {
    StringBuilder received = new StringBuilder();
    SamplerProvider listening =
        new SamplerProvider() {
          @Override
          public String name() {
            return "listening";
          }

          @Override
          public SamplerStage create(Options options) {
            return SamplerStage.processor(binding -> new Listening(received));
          }
        };
    Sampler sampler =
        Samplers.parse("listening,listening,greedy", Registry.of().with(listening))
            .bind(Binding.of(INFO));
    List.of(3, 1).forEach(sampler::accept);
    assertThat(received.toString()).isEqualTo("3311");
  }

  private record Listening(StringBuilder received) implements LogitsProcessor {
    @Override
    public void process(Step step) {}

    @Override
    public void accept(int token) {
      received.append(token);
    }
  }

  private record Plus() implements SamplerProvider {
    @Override
    public String name() {
      return "plus";
    }

    @Override
    public SamplerStage create(Options options) {
      int value = options.integer("value", 0, 9);
      return SamplerStage.processor(
          binding -> step -> step.logits().setScore(3, step.logits().score(3) + value));
    }
  }

  private record NeedsText() implements SamplerProvider {
    @Override
    public String name() {
      return "needs-text";
    }

    @Override
    public SamplerStage create(Options options) {
      return SamplerStage.processor(
          binding -> {
            binding.requireTokenizer("needs-text");
            return step -> {};
          });
    }
  }
}
