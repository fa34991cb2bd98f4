package io.fundamentallm.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fundamentallm.fixtures.TinyChat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** What one reads who misspells a property. */
class PropertyNamesTest {
  @TempDir Path folder;

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration(FundamentaLlmAutoConfiguration.class)
  static class Application {}

  /** With other system properties and variables than this process has. */
  private static StandardEnvironment environment(
      Map<String, Object> properties, Map<String, Object> variables) {
    Map<String, Object> model = new HashMap<>(properties);
    model.put("fundamentallm.model", TinyChat.greedy().toString());
    return new StandardEnvironment() {
      @Override
      public Map<String, Object> getSystemProperties() {
        return model;
      }

      @Override
      public Map<String, Object> getSystemEnvironment() {
        return variables;
      }

      @Override
      protected void customizePropertySources(MutablePropertySources sources) {
        sources.addLast(new MapPropertySource(SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME, model));
        sources.addLast(
            new SystemEnvironmentPropertySource(
                SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
      }
    };
  }

  private static void start(StandardEnvironment environment, String... arguments) {
    SpringApplication application = new SpringApplication(Application.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setEnvironment(environment);
    application.run(arguments).close();
  }

  private static String refusal(StandardEnvironment environment, String... arguments) {
    Throwable failure = catchThrowable(() -> start(environment, arguments));
    assertThat(failure).as("the start").isNotNull();
    FailureAnalysis analysis =
        Objects.requireNonNull(new PropertyNamesAnalyzer().analyze(failure), failure.toString());
    assertThat(analysis.getAction()).contains("Correct the name");
    return analysis.getDescription();
  }

  private static String refusal(String... arguments) {
    return refusal(environment(Map.of(), Map.of()), arguments);
  }

  @ParameterizedTest
  @CsvSource({
    "modle, model",
    "samplr, sampler",
    "max-token, max-tokens",
    "temp, temperature",
    "model-nam, model-name",
    "whenful, when-full",
  })
  void an_argument_is_told_with_the_nearest_property(String asked, String nearest) {
    assertThat(refusal("--fundamentallm." + asked + "=not-to-be-shown"))
        .isEqualTo(
            "fundamentallm."
                + asked
                + " (an argument) is no property of FundamentaLLM. Did you mean fundamentallm."
                + nearest
                + "?");
  }

  @Test
  void so_is_each_in_a_file_with_its_place() throws Exception {
    Path file = folder.resolve("application.properties");
    Files.writeString(file, "fundamentallm.colour=red\nfundamentallm.modle=x\n");
    assertThat(refusal("--spring.config.location=" + file.toUri()).lines())
        .hasSize(2)
        .anyMatch(line -> line.endsWith("1:22) is no property of FundamentaLLM."))
        .anyMatch(line -> line.contains("application.properties] - 2:21) is no property"))
        .anyMatch(line -> line.endsWith("Did you mean fundamentallm.model?"));
  }

  @ParameterizedTest
  @CsvSource({
    "temprature, temperature",
    "maxToken, max-tokens",
    "stopp[0], stop",
    "max.tokens, max-tokens",
  })
  void a_system_property_that_resembles_one_is_refused(String asked, String nearest) {
    assertThat(refusal(environment(Map.of("fundamentallm." + asked, "1"), Map.of())))
        .startsWith("fundamentallm.")
        .endsWith(
            " (a system property) is no property of FundamentaLLM. Did you mean fundamentallm."
                + nearest
                + "?");
  }

  @ParameterizedTest
  @CsvSource({
    "FUNDAMENTALLM_TEMPRATURE, FUNDAMENTALLM_TEMPERATURE",
    "FUNDAMENTALLM_MAX_TOKNS, FUNDAMENTALLM_MAXTOKENS",
    "FUNDAMENTALLM_STOPP_0, FUNDAMENTALLM_STOP",
  })
  void so_is_a_variable_of_the_environment(String asked, String nearest) {
    assertThat(refusal(environment(Map.of(), Map.of(asked, "1"))))
        .isEqualTo(
            asked
                + " (in the environment) is no property of FundamentaLLM. Did you mean "
                + nearest
                + "?");
  }

  @Test
  void names_of_others_are_let_be_there() {
    start(
        environment(
            Map.of(
                "fundamentallm.kernels", "scalar",
                "fundamentallm.runtime", "cpu",
                "fundamentallm.tokenizer", "huggingface",
                "fundamentallm.trainer", "cpu",
                "fundamentallm.shared", "x",
                "fundamentallm.maxTokens", "3",
                "fundamentallm.stop[0]", "Ann"),
            Map.of(
                "FUNDAMENTALLM_RUNTIME", "cpu",
                "FUNDAMENTALLM_APIKEY", "of the web service",
                "FUNDAMENTALLM_PORT_8080_TCP", "of Kubernetes",
                "FUNDAMENTALLM_SERVICE_HOST", "of Kubernetes",
                "FUNDAMENTALLM_MAX_TOKENS", "3",
                "FUNDAMENTALLM_STOP_0", "Ann")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"runtime", "kernels", "tokenizer", "trainer"})
  void what_the_library_reads_is_told_to_be_a_system_property(String name) {
    assertThat(refusal("--fundamentallm." + name + "=cpu"))
        .isEqualTo(
            "fundamentallm.%1$s (an argument) works only as a system property: java"
                + " -Dfundamentallm.%1$s=…",
            name);
  }

  @Test
  void an_empty_value_that_is_bound_to_nothing_is_told() {
    assertThat(refusal("--fundamentallm.maxTokens="))
        .isEqualTo("fundamentallm.maxtokens (an argument) is empty.");
  }

  @Test
  void properties_of_others_are_for_others_to_tell() {
    ConfigurationProperty other =
        new ConfigurationProperty(ConfigurationPropertyName.of("shop.modle"), "x", null);
    assertThat(
            new PropertyNamesAnalyzer()
                .analyze(new UnboundConfigurationPropertiesException(Set.of(other))))
        .isNull();
  }
}
