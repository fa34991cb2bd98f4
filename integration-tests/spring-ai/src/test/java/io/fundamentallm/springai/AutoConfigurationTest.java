package io.fundamentallm.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class AutoConfigurationTest {
  private final ApplicationContextRunner bare =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(FundamentaLlmAutoConfiguration.class));

  private final ApplicationContextRunner application =
      bare.withPropertyValues("fundamentallm.model=" + TinyChat.greedy());

  @TempDir Path folder;

  @Test
  void a_directory_is_enough() {
    application.run(
        context -> {
          assertThat(context).hasSingleBean(TextGenerator.class).hasSingleBean(ChatModel.class);
          assertThat(context).doesNotHaveBean(EmbeddingModel.class);
          assertThat(context.getBean(ChatModel.class).call("I am Ann")).isEqualTo("hello Ann");
        });
  }

  @Test
  void properties_say_how_to_generate() {
    application
        .withPropertyValues(
            "fundamentallm.device=cpu(threads=1)",
            "fundamentallm.sampler=temperature=0.5,top-k=3",
            "fundamentallm.when-full=forget")
        .run(
            context -> {
              TextGenerator generator = context.getBean(TextGenerator.class);
              assertThat(generator.options().sampler()).hasToString("temperature=0.5,top-k=3");
              assertThat(generator.generate("I am Ann ".repeat(100)))
                  .isNotEmpty(); // the oldest part is forgotten
            });
    application.run(
        context -> {
          TextGenerator generator = context.getBean(TextGenerator.class);
          assertThat(generator.options().sampler()).hasToString("greedy"); // as its files say
          assertThat(generator.options().maxNewTokens()).isEqualTo(80);
          assertThatThrownBy(() -> generator.generate("I am Ann ".repeat(100)))
              .hasMessageContaining("does not fit into the model's context of 128");
        });
  }

  @Test
  void properties_are_the_options_of_requests_that_say_nothing() {
    ApplicationContextRunner chatty =
        application.withPropertyValues(
            "fundamentallm.temperature=5",
            "fundamentallm.max-tokens=12",
            "fundamentallm.stop=Ann,Bob",
            "fundamentallm.seed=7");
    chatty.run(
        context -> {
          ChatModel model = context.getBean(ChatModel.class);
          ChatOptions options = model.getOptions();
          assertThat(options.getTemperature()).isEqualTo(5);
          assertThat(options.getMaxTokens()).isEqualTo(12);
          assertThat(options.getStopSequences()).containsExactly("Ann", "Bob");
          assertThat(model.call("I am Ann")).isEqualTo(model.call("I am Ann")); // the seed
          ChatOptions.Builder<?> tame = ChatOptions.builder().temperature(0.0);
          assertThat(answer(model, tame)).isEqualTo("hello ");
          assertThat(answer(model, tame.stopSequences(List.of("lo")))).isEqualTo("hel");
        });
    application
        .withPropertyValues("fundamentallm.max-tokens=1")
        .run(
            context ->
                assertThat("hello Ann")
                    .startsWith(context.getBean(ChatModel.class).call("I am Ann"))
                    .isNotEqualTo(context.getBean(ChatModel.class).call("I am Ann")));
  }

  private static String answer(ChatModel model, ChatOptions.Builder<?> options) {
    return model.call(new Prompt("I am Ann", options.build())).getResult().getOutput().getText();
  }

  @Test
  void a_temperature_beside_a_sampler_ends_the_start() {
    application
        .withPropertyValues("fundamentallm.temperature=0.5", "fundamentallm.sampler=greedy")
        .run(
            context ->
                assertInvalid(
                    invalid(context.getStartupFailure()),
                    "fundamentallm.temperature",
                    "fundamentallm.sampler=greedy"));
  }

  @Test
  void options_apply_to_an_applications_own_generator_too() throws Exception {
    try (TextGenerator own = TinyChat.load(TinyChat.greedy())) {
      bare.withBean("own", TextGenerator.class, () -> own)
          .withPropertyValues("fundamentallm.stop=Ann")
          .run(
              context ->
                  assertThat(context.getBean(ChatModel.class).call("I am Ann"))
                      .isEqualTo("hello "));
      bare.withBean("own", TextGenerator.class, () -> own)
          .withPropertyValues("fundamentallm.max-tokens=-1")
          .run(
              context ->
                  assertInvalid(
                      invalid(context.getStartupFailure()), "fundamentallm.max-tokens", "-1"));
    }
  }

  @Test
  void a_property_names_the_decoder() {
    application
        .withPropertyValues("fundamentallm.decoder=beam(width=3)")
        .run(
            context ->
                assertThat(context.getBean(ChatModel.class).call("I am Ann"))
                    .startsWith("hello Ann\nuser")); // a longer one has the better mean
  }

  @Test
  void a_device_leaves_the_publishers_settings() {
    application
        .withPropertyValues("fundamentallm.device=cpu(weights=int8,threads=1)")
        .run(
            context -> {
              TextGenerator generator = context.getBean(TextGenerator.class);
              assertThat(generator.options().sampler()).hasToString("greedy");
              assertThat(generator.model().info().precision()).isEqualTo("int8");
            });
  }

  @Test
  void beans_of_the_application_go_first() throws Exception {
    try (TextGenerator own = TinyChat.load(TinyChat.greedy())) {
      FundamentaLlmChatModel model = FundamentaLlmChatModel.of(own);
      bare.withBean("own", TextGenerator.class, () -> own)
          .run(
              context -> {
                assertThat(context.getBean(TextGenerator.class)).isSameAs(own);
                assertThat(context.getBean(ChatModel.class).call("I am Ann"))
                    .isEqualTo("hello Ann");
              });
      bare.withBean("own", FundamentaLlmChatModel.class, () -> model)
          .run(context -> assertThat(context.getBean(ChatModel.class)).isSameAs(model));
    }
  }

  @Test
  void another_provider_is_another_provider() {
    bare.withPropertyValues("spring.ai.model.chat=none")
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ChatModel.class));
  }

  @Test
  void an_embedding_model_is_there_when_asked_for() {
    application
        .withPropertyValues("spring.ai.model.embedding=fundamentallm", "spring.ai.model.chat=none")
        .run(
            context -> {
              assertThat(context).doesNotHaveBean(ChatModel.class);
              assertThat(context.getBean(EmbeddingModel.class).embed("I am Ann")).hasSize(64);
            });
  }

  @Test
  void the_model_is_closed_with_the_context() {
    AtomicReference<TextGenerator> generator = new AtomicReference<>();
    application.run(context -> generator.set(context.getBean(TextGenerator.class)));

    assertThatThrownBy(() -> generator.get().generate("I am"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @ParameterizedTest
  @CsvSource({"'', tiny-chat", "host, host"})
  void requests_are_observed_where_the_application_observes(String configured, String name) {
    TestObservationRegistry observations = TestObservationRegistry.create();
    application
        .withBean(ObservationRegistry.class, () -> observations)
        .withPropertyValues("spring.ai.model.embedding=fundamentallm")
        .withPropertyValues(
            configured.isEmpty()
                ? new String[0]
                : new String[] {"fundamentallm.model-name=" + configured})
        .run(
            context -> {
              context.getBean(ChatModel.class).call("I am Ann");
              context.getBean(EmbeddingModel.class).embed("I am Ann");
            });

    for (String operation : List.of("chat ", "embedding ")) {
      TestObservationRegistryAssert.assertThat(observations)
          .hasAnObservation(
              observation ->
                  observation
                      .hasContextualNameEqualTo(operation + name)
                      .hasLowCardinalityKeyValue("gen_ai.request.model", name)
                      .hasLowCardinalityKeyValue("gen_ai.response.model", name));
    }
  }

  @Test
  void an_applications_own_model_is_called_by_its_architecture() throws Exception {
    try (TextGenerator own = TinyChat.load(TinyChat.greedy())) {
      bare.withBean("own", TextGenerator.class, () -> own)
          .run(
              context ->
                  assertThat(context.getBean(ChatModel.class).getOptions().getModel())
                      .isEqualTo("llama"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "fundamentallm.sampler; topp=0.9; top-p",
        "fundamentallm.sampler; top-p=7; (0, 1]",
        "fundamentallm.decoder; beem; beam",
        "fundamentallm.device; cpuu; cpu",
        "fundamentallm.device; cpu(thread=1); threads",
        "fundamentallm.device; cpu(threads=0); threads",
        "fundamentallm.device; 'cpu,cpu'; one name",
        "fundamentallm.max-tokens; -1; -1",
        "fundamentallm.temperature; -1; temperature",
        "fundamentallm.model; ' '; spring.ai.model.chat",
        "fundamentallm.model; no/such/model; There is no such directory",
        "fundamentallm.model; src; tokenizer",
      })
  void a_wrong_value_ends_the_start_and_is_named(String property, String value, String reason) {
    application
        .withPropertyValues(property + "=" + value)
        .run(context -> assertInvalid(invalid(context.getStartupFailure()), property, reason));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "tokenizer.json; ; ; tokenizer",
        "model.safetensors; ; ; model.safetensors",
        "config.json; llama; mamba; mamba",
        "tokenizer.json; '\"added_tokens\" : ['; '\"added_tokens\" : [{\"id\":320,\"content\":\"<|more|>\"},'; 321",
        "generation_config.json; false; 'true, \"temperature\": -1'; generation_config.json",
      })
  void a_device_is_not_to_blame_for_the_files(
      String file, String before, String after, String reason) throws Exception {
    Path model = TinyChat.copy(TinyChat.greedy(), folder.resolve("wrong"), true);
    if (before == null) {
      Files.delete(model.resolve(file));
    } else {
      String text = Files.readString(model.resolve(file));
      assertThat(text).contains(before);
      Files.writeString(model.resolve(file), text.replace(before, after));
    }

    bare.withPropertyValues("fundamentallm.model=" + model, "fundamentallm.device=cpu(threads=1)")
        .run(
            context ->
                assertInvalid(invalid(context.getStartupFailure()), "fundamentallm.model", reason));
  }

  @Test
  void a_missing_directory_ends_the_start_and_says_what_to_set() {
    bare.run(
        context ->
            assertInvalid(
                invalid(context.getStartupFailure()),
                "fundamentallm.model",
                "as in fundamentallm.model=/models/mine"));
  }

  @Test
  void a_directory_without_a_chat_template_ends_the_start() throws Exception {
    Path mute = TinyChat.copy(TinyChat.greedy(), folder.resolve("mute"), false);

    bare.withPropertyValues("fundamentallm.model=" + mute)
        .run(
            context ->
                assertInvalid(
                    invalid(context.getStartupFailure()),
                    "fundamentallm.model",
                    "chat_template.jinja"));
  }

  @Test
  void editors_know_every_property() throws Exception {
    String metadata =
        Files.readString(
            Path.of("target", "classes", "META-INF", "spring-configuration-metadata.json"));

    for (var component : FundamentaLlmProperties.class.getRecordComponents()) {
      String name = component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
      assertThat(metadata)
          .containsPattern(
              "\"fundamentallm." + name + "\",\\s*\"type\": \"[^\"]+\",\\s*\"description\"");
    }
  }

  private static Throwable invalid(Throwable failure) {
    Throwable cause = failure;
    while (!(cause instanceof InvalidConfigurationPropertyValueException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static void assertInvalid(Throwable failure, String property, String reason) {
    assertThat(failure)
        .isInstanceOfSatisfying(
            InvalidConfigurationPropertyValueException.class,
            invalid -> {
              assertThat(invalid.getName()).isEqualTo(property);
              assertThat(invalid.getReason()).contains(reason);
            });
  }
}
