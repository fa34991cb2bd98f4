package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Stubs.NoTrainer;
import io.fundamentallm.Stubs.Only;
import io.fundamentallm.Stubs.Plain;
import io.fundamentallm.Stubs.Temperature;
import io.fundamentallm.spi.DecoderProvider;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Provider;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.spi.TrainerProvider;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegistryTest {
  @Test
  void the_parts_of_api_itself_are_always_there() {
    Registry registry = Registry.of();
    assertThat(registry.all(SamplerProvider.class))
        .extracting(Provider::name)
        .containsExactly("draw", "greedy", "keep-best");
    assertThat(registry.find(DecoderProvider.class, "sampling").priority()).isNegative();
    assertThat(registry.all(TokenizerProvider.class)).isEmpty();
  }

  @Test
  void an_unknown_name_is_answered_with_what_there_is_the_nearest_and_the_artifact() {
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Registry.of().find(SamplerProvider.class, "gredy"))
        .withMessage(
            "no sampler stage named \"gredy\". Did you mean \"greedy\"?"
                + " Found: draw, greedy, keep-best. A sampler stage usually comes with the artifact"
                + " io.fundamentallm:fundamentallm-samplers.");
  }

  @Test
  void a_name_far_from_all_others_gets_no_suggestion() {
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Registry.of().find(DecoderProvider.class, "contrastive"))
        .withMessageContaining("no decoder named \"contrastive\". Found: sampling. A decoder")
        .withMessageEndingWith("io.fundamentallm:fundamentallm-samplers.");
  }

  @Test
  void where_the_artifact_is_there_a_slip_is_answered_with_what_there_is() {
    Registry registry =
        Registry.of().with(new Temperature("temperature", 0), new Temperature("top-p", 0));
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> registry.find(SamplerProvider.class, "surprise"))
        .withMessage(
            "no sampler stage named \"surprise\". Found: draw, greedy, keep-best, temperature,"
                + " top-p.");
  }

  @Test
  void a_decoder_among_samplers_and_a_decimal_comma_are_known() {
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Registry.of().find(SamplerProvider.class, "sampling"))
        .withMessageStartingWith(
            "no sampler stage named \"sampling\". It is a decoder: name it where one is asked for."
                + " Found: ");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Registry.of().find(DecoderProvider.class, "greedy"))
        .withMessageContaining(" It is a sampler stage: ");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Registry.of().find(SamplerProvider.class, "7"))
        .withMessageStartingWith(
            "no sampler stage named \"7\". Numbers are written with a point, as in 0.7. Found: ");
  }

  @Test
  void a_name_of_other_programs_is_answered_with_the_one_that_it_has_here() {
    Registry registry = Registry.of().with(new Temperature("top-p", 0));
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> registry.find(SamplerProvider.class, "nucleus"))
        .withMessageStartingWith("no sampler stage named \"nucleus\". Did you mean \"top-p\"?");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Registry.of().find(SamplerProvider.class, "nucleus"))
        .withMessageStartingWith("no sampler stage named \"nucleus\". Found: ");
  }

  @Test
  void each_kind_names_the_artifact_that_brings_it() {
    Registry registry = Registry.of();
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> registry.find(TokenizerProvider.class, "byte"))
        .withMessageContaining("no tokenizer named \"byte\". None was found at all.")
        .withMessageEndingWith("io.fundamentallm:fundamentallm-tokenizers.");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> registry.find(LanguageModelProvider.class, "cpu"))
        .withMessageContaining("no runtime named \"cpu\"")
        .withMessageEndingWith("io.fundamentallm:fundamentallm-runtime-cpu.");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(
            () ->
                registry
                    .with(new Stubs.Toys("cpu", 0, "model"))
                    .find(LanguageModelProvider.class, "gpu"))
        .as("who asks for a GPU has not misspelt the name of the other runtime")
        .withMessage(
            "no runtime named \"gpu\". Found: cpu. It comes with the artifact"
                + " io.fundamentallm:fundamentallm-runtime-gpu.");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> registry.find(TrainerProvider.class, "cpu"))
        .withMessageContaining("no trainer named \"cpu\"")
        .withMessageEndingWith("io.fundamentallm:fundamentallm-runtime-cpu.");
  }

  @Test
  void two_providers_of_one_name_and_priority_are_an_error_when_it_is_looked_up() {
    Registry registry =
        Registry.of().with(new Temperature("same", 1), new Twin(), new Temperature("other", 1));
    String origin = "(given by the application)";
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> registry.find(SamplerProvider.class, "same"))
        .withMessage(
            "two providers claim the sampler stage \"same\" with the same priority 1: "
                + Temperature.class.getName()
                + " "
                + origin
                + " and "
                + Twin.class.getName()
                + " "
                + origin
                + ". Remove one, or give one a higher priority()");
    assertThat(registry.find(SamplerProvider.class, "other"))
        .isEqualTo(new Temperature("other", 1));
    assertThat(registry.explain()).contains("ambiguous, an error when looked up");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> registry.all(SamplerProvider.class));
  }

  @Test
  void of_two_providers_of_one_name_the_higher_priority_wins() {
    Registry registry = Registry.of().with(new Temperature("same", 1), new Temperature("same", 2));
    assertThat(registry.find(SamplerProvider.class, "same").priority()).isEqualTo(2);
    assertThat(registry.explain())
        .contains(
            "  same (priority 2): "
                + Temperature.class.getName()
                + " (given by the application)"
                + ": chosen, the highest priority of this name")
        .contains("  same (priority 1): ")
        .contains(": overridden");
  }

  @Test
  void built_in_parts_can_be_overridden() {
    Temperature greedy = new Temperature("greedy", 0);
    assertThat(Registry.of().with(greedy).find(SamplerProvider.class, "greedy")).isSameAs(greedy);
  }

  @Test
  void with_leaves_the_original_as_it_was() {
    Registry original = Registry.of();
    Registry richer = original.with(new Only()).with(new Plain("plain"));
    assertThat(richer.find(SamplerProvider.class, "only").name()).isEqualTo("only");
    assertThat(richer.find(DecoderProvider.class, "plain").name()).isEqualTo("plain");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> original.find(SamplerProvider.class, "only"));
  }

  @Test
  void all_are_ordered_by_priority_then_by_name() {
    Registry registry =
        Registry.of()
            .with(
                new NoTrainer("b", 0),
                new NoTrainer("a", 0),
                new NoTrainer("low", -5),
                new NoTrainer("high", 5),
                new NoTrainer("low", -9));
    assertThat(registry.all(TrainerProvider.class))
        .extracting(Provider::name)
        .containsExactly("high", "a", "b", "low");
  }

  @Test
  void the_explanation_names_what_was_chosen_and_where_it_came_from() {
    assertThat(Registry.of().with(new Only()).explain())
        .contains("sampler stage:\n")
        .contains("  greedy (priority -1000): io.fundamentallm.BuiltIn$GreedyStage (built in)")
        .contains("  only (priority 0): " + Only.class.getName())
        .contains(": chosen, the only one of this name")
        .contains("tokenizer:\n", "runtime:\n", "decoder:\n", "trainer:\n");
  }

  @Test
  void only_the_five_kinds_can_be_looked_up() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Registry.of().find(Provider.class, "greedy"))
        .withMessageContaining(Provider.class.getName());
  }

  @Test
  void a_provider_that_cannot_tell_its_name_or_priority_is_reported_and_harms_no_other() {
    Registry registry = Registry.of().with(new Nameless(), new WithoutPriority(), new Only());
    assertThat(registry.find(SamplerProvider.class, "only").name()).isEqualTo("only");
    assertThat(registry.all(SamplerProvider.class)).hasSize(4);
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> registry.find(SamplerProvider.class, "without-priority"))
        .withMessageContaining(Nameless.class.getName())
        .withMessageContaining(WithoutPriority.class.getName())
        .withMessageContaining("not now");
  }

  @Test
  void a_name_that_no_spec_should_have_is_refused() {
    for (String name : new String[] {"RT", "", "-a", "my part", "größe"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Registry.of().with(new NoTrainer(name, 0)))
          .withMessage(
              "provider "
                  + NoTrainer.class.getName()
                  + " has the name \""
                  + name
                  + "\"; expected lower case letters, digits, -, _ and ., beginning with a letter or"
                  + " a digit");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Registry.of().with(new Unnamed()))
        .withMessageContaining("has the name null; expected lower case letters");
  }

  @Test
  void a_provider_of_another_api_version_is_answered_with_the_bom() {
    Registry registry = Registry.of().with(new Outdated());
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Samplers.parse("outdated", registry))
        .withMessageContaining(Outdated.class.getName())
        .withMessageContaining("does not fit this version of the api")
        .withMessageContaining("io.fundamentallm:fundamentallm-bom")
        .withCauseInstanceOf(AbstractMethodError.class);
  }

  @Test
  void a_provider_without_a_jar_that_it_needs_is_answered_with_the_missing_class() {
    for (String missing : List.of("org/slf4j/LoggerFactory", "io/fundamentallm/spi/Gone")) {
      assertThatExceptionOfType(ProviderException.class)
          .isThrownBy(() -> Samplers.parse("lacking", Registry.of().with(new Lacking(missing))))
          .withMessageStartingWith("provider " + Lacking.class.getName() + " from ")
          .withMessageEndingWith(
              missing.startsWith("io")
                  ? "Align the versions of all fundamentallm artifacts with the BOM"
                      + " io.fundamentallm:fundamentallm-bom"
                  : " cannot be used: org.slf4j.LoggerFactory is missing: add the jar that has it;"
                      + " with Maven or Gradle it comes by itself")
          .withCauseInstanceOf(NoClassDefFoundError.class);
    }
  }

  private record Lacking(String missing) implements SamplerProvider {
    @Override
    public String name() {
      return "lacking";
    }

    @Override
    public SamplerStage create(Options options) {
      throw new NoClassDefFoundError(missing);
    }
  }

  private record Twin() implements SamplerProvider {
    @Override
    public String name() {
      return "same";
    }

    @Override
    public int priority() {
      return 1;
    }

    @Override
    public SamplerStage create(Options options) {
      throw new UnsupportedOperationException();
    }
  }

  private record Unnamed() implements SamplerProvider {
    @Override
    @SuppressWarnings("NullAway") // as code that knows nothing of null annotations gives it
    public String name() {
      return null;
    }

    @Override
    public SamplerStage create(Options options) {
      throw new UnsupportedOperationException();
    }
  }

  private record Nameless() implements SamplerProvider {
    @Override
    public String name() {
      throw new IllegalStateException("not now");
    }

    @Override
    public SamplerStage create(Options options) {
      throw new UnsupportedOperationException();
    }
  }

  private record WithoutPriority() implements SamplerProvider {
    @Override
    public String name() {
      return "without-priority";
    }

    @Override
    public int priority() {
      throw new IllegalStateException("not now");
    }

    @Override
    public SamplerStage create(Options options) {
      throw new UnsupportedOperationException();
    }
  }

  private record Outdated() implements SamplerProvider {
    @Override
    public String name() {
      return "outdated";
    }

    @Override
    public SamplerStage create(Options options) {
      throw new AbstractMethodError("create");
    }
  }
}
