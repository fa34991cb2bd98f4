package io.fundamentallm.webservice.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** What the operator reads who sets something wrong. */
class SettingsTest {
  @TempDir Path folder;

  @Configuration(proxyBeanMethods = false)
  @EnableConfigurationProperties(ServiceSettings.class)
  static class Settings {}

  private static StandardEnvironment environment(Map<String, Object> variables) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
    return environment;
  }

  private static ConfigurableApplicationContext start(
      StandardEnvironment environment, String... arguments) {
    SpringApplication application = new SpringApplication(Settings.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setEnvironment(environment);
    return application.run(arguments);
  }

  private static ServiceSettings settings(Map<String, Object> variables, String... arguments) {
    try (ConfigurableApplicationContext context = start(environment(variables), arguments)) {
      return context.getBean(ServiceSettings.class);
    }
  }

  private static String refusal(Map<String, Object> variables, String... arguments) {
    StandardEnvironment environment = environment(variables);
    Throwable failure = catchThrowable(() -> start(environment, arguments).close());
    assertThat(failure).as("the start").isNotNull();
    FailureAnalysis analysis =
        Objects.requireNonNull(
            new SettingsAnalyzer(environment).analyze(failure), failure.toString());
    String told = analysis.getDescription() + "\n" + analysis.getAction();
    assertThat(told).doesNotContain("java.", "jakarta", "Exception", "null", "PT0");
    assertThat(analysis.getAction()).contains("--help");
    return told;
  }

  private static String refusal(String... arguments) {
    return refusal(Map.of(), arguments);
  }

  @ParameterizedTest
  @CsvSource({
    "limits.runing, limits.running",
    "limit.running, limits.running",
    "api-kye, api-key",
    "modle, model",
    "prefix-cache.directroy, prefix-cache.directory",
    "models.small.pth, models.small.path",
    "models.qwen3-1.7b.path, models.[qwen3-1.7b].path",
  })
  void a_name_that_there_is_none_of_is_told_with_the_nearest_one(String asked, String nearest) {
    assertThat(refusal("--fundamentallm." + asked + "=not-to-be-shown"))
        .contains(
            "no setting fundamentallm." + asked + " (an argument)",
            "did you mean fundamentallm." + nearest + "?")
        .doesNotContain("not-to-be-shown");
  }

  @Test
  void one_that_resembles_nothing_is_told_alone() {
    assertThat(refusal("--fundamentallm.colour=red", "--fundamentallm.taste=sweet"))
        .contains("fundamentallm.colour", "\nthe service has no setting fundamentallm.taste")
        .doesNotContain("did you mean", "red", "sweet");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          limits.running              | abc  | a whole number from 1 to 1024
          limits.running              | 0    | a whole number from 1 to 1024
          limits.waiting              | -1   | a whole number of at least 0
          limits.max-tokens           | 1.5  | a whole number of at least 1
          limits.sequences            | 2000 | a whole number from 1 to 1024
          limits.schema-depth         | 9999999999 | a whole number from 1 to 200
          limits.unauthenticated      | many | a whole number of at least 1
          limits.time                 | 0s   | a time of at least 1 ms
          limits.compilation          | soon | a time of at least 1 ms
          limits.unauthenticated-time | -5s  | a time of at least 1 ms
          limits.body                 | 0    | a size of at least 1B
          limits.spec                 | big  | a size of at least 1B
          prefix-cache.memory         | -1MB | a size of at least 0B
          prefix-cache.disk           | 4 GB of it | a size of at least 1B
          models-memory               | 0    | a size of at least 1B
          log-texts                   | perhaps | true or false
          """)
  void a_value_that_cannot_be_is_told_with_what_was_expected(
      String name, String value, String expected) {
    assertThat(refusal("--fundamentallm." + name + "=" + value))
        .contains("fundamentallm." + name + " is \"", "(an argument); expected " + expected);
  }

  @Test
  void from_the_environment_too() {
    assertThat(refusal(Map.of("FUNDAMENTALLM_LIMITS_RUNNING", "abc")))
        .contains(
            "fundamentallm.limits.running is \"abc\" (the environment's"
                + " FUNDAMENTALLM_LIMITS_RUNNING); expected a whole number from 1 to 1024");
    assertThat(refusal(Map.of("FUNDAMENTALLM_LIMITS_TIME", "0s")))
        .contains("fundamentallm.limits.time is \"0s\" (the environment's");
  }

  @Test
  void and_from_a_file() throws Exception {
    Path file = folder.resolve("application.properties");
    String place = "--spring.config.location=" + file.toUri();
    Files.writeString(file, "fundamentallm.model=x\nfundamentallm.limits.body=0\n");
    assertThat(refusal(place))
        .contains("fundamentallm.limits.body is \"0\"", "application.properties]", "2:27");
    Files.writeString(file, "fundamentallm.limits.boddy=1MB\n");
    assertThat(refusal(place))
        .contains("application.properties]", "mean fundamentallm.limits.body?");
  }

  @Test
  void an_empty_value_is_one_that_cannot_be() {
    assertThat(refusal("--fundamentallm.limits.body="))
        .contains("fundamentallm.limits.body is empty", "a size of at least 1B");
  }

  @Test
  void all_that_are_out_of_range_are_told_at_once() {
    assertThat(refusal("--fundamentallm.limits.running=0", "--fundamentallm.limits.time=0s"))
        .contains("fundamentallm.limits.running is \"0\"", "fundamentallm.limits.time is \"0s\"");
  }

  @Test
  void settings_of_others_are_for_others_to_tell() {
    StandardEnvironment environment = environment(Map.of());
    Throwable failure =
        catchThrowable(() -> start(environment, "--spring.main.lazy-initialization=x"));
    assertThat(failure).isNotNull();
    assertThat(new SettingsAnalyzer(environment).analyze(failure)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"FUNDAMENTALLM_APIKYE", "FUNDAMENTALLM_API_KYE"})
  void a_misspelt_variable_is_refused(String variable) {
    assertThatThrownBy(() -> MisspeltNames.check(List.of("PATH", variable), List.of()))
        .isInstanceOf(CannotStart.class)
        .hasMessage(
            "nothing reads the environment variable %s; did you mean FUNDAMENTALLM_APIKEY?",
            variable);
  }

  @Test
  void so_is_one_of_a_further_model() {
    List<String> variables =
        List.of("FUNDAMENTALLM_MODELS_FRENCH_PATH", "FUNDAMENTALLM_MODELS_FRENCH_ADAPTOR");
    assertThatThrownBy(() -> MisspeltNames.check(variables, List.of()))
        .isInstanceOf(CannotStart.class)
        .hasMessageContaining("did you mean FUNDAMENTALLM_MODELS_FRENCH_ADAPTER?");
    List<String> properties = List.of("fundamentallm.models.[qwen3-1.7b].runtme");
    assertThatThrownBy(() -> MisspeltNames.check(List.of(), properties))
        .isInstanceOf(CannotStart.class)
        .hasMessageContaining("did you mean fundamentallm.models.[qwen3-1.7b].runtime?");
  }

  @Test
  void a_further_model_has_its_path_under_its_name() {
    assertThat(refusal("--fundamentallm.models.small=/path"))
        .contains("a model by itself is fundamentallm.models.small.path");
  }

  @Test
  void so_is_a_system_property() {
    assertThatThrownBy(() -> MisspeltNames.check(List.of(), List.of("fundamentallm.limits.runing")))
        .isInstanceOf(CannotStart.class)
        .hasMessageContaining("did you mean fundamentallm.limits.running?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "FUNDAMENTALLM_SERVICE_HOST FUNDAMENTALLM_SERVICE_PORT FUNDAMENTALLM_PORT", // Kubernetes'
        "FUNDAMENTALLM_PORT_8080_TCP FUNDAMENTALLM_PORT_8080_TCP_PROTO",
        "FUNDAMENTALLM_PORT_8080_TCP_ADDR FUNDAMENTALLM_SERVICE_PORT_HTTP",
        "FUNDAMENTALLM_HISTORY FUNDAMENTALLM_TRAINER FUNDAMENTALLM_TOKENIZER", // the library's
        "FUNDAMENTALLM_LIMITS_PORT FUNDAMENTALLM_LIMITS_CPU FUNDAMENTALLM_MODELS_SMALL_HOST",
        "FUNDAMENTALLM_MODELS_SMALL_PATH FUNDAMENTALLM_HOSTS_0 FUNDAMENTALLM_LIMITS_MAXTOKENS"
      })
  void other_variables_are_let_be(String variables) {
    assertThatCode(() -> MisspeltNames.check(Arrays.asList(variables.split(" ")), List.of()))
        .doesNotThrowAnyException();
  }

  @Test
  void other_system_properties_are_let_be() {
    assertThatCode(
            () ->
                MisspeltNames.check(
                    List.of(),
                    List.of(
                        "fundamentallm.kernels",
                        "fundamentallm.shared",
                        "fundamentallm.hosts[0]",
                        "fundamentallm.limits.maxTokens",
                        "fundamentallm.models.[a.b].path")))
        .doesNotThrowAnyException();
  }

  @Test
  void both_forms_of_a_variable_with_two_words_are_read() {
    ServiceSettings settings =
        settings(Map.of("FUNDAMENTALLM_API_KEY", "sesame", "FUNDAMENTALLM_LIMITS_MAXTOKENS", "7"));
    assertThat(settings.apiKey()).isEqualTo("sesame");
    assertThat(settings.limits().maxTokens()).isEqualTo(7);
    assertThatCode(() -> MisspeltNames.check(List.of("FUNDAMENTALLM_API_KEY"), List.of()))
        .doesNotThrowAnyException();
  }

  @Test
  void good_values_are_taken() {
    ServiceSettings settings =
        settings(
            Map.of(),
            "--fundamentallm.prefix-cache.memory=0",
            "--fundamentallm.limits.time=1ms",
            "--fundamentallm.models-memory=1B");
    assertThat(settings.prefixCache().memory()).hasToString("0B");
    assertThat(settings.limits().time()).isEqualTo(Duration.ofMillis(1));
  }

  @Test
  void the_help_has_every_setting_with_what_it_may_be() throws Exception {
    String page = SettingsHelp.page();
    for (Setting setting : Setting.all()) {
      assertThat(page).contains("\n" + setting.name() + "\n");
    }
    assertThat(page)
        .contains("fundamentallm.models.NAME.adapter", "from 1 to 1024; by default 32")
        .doesNotContain("null", "{@");
    assertThat(page.lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(100));
    assertThat(SettingsHelp.isAskedFor("--fundamentallm.model=x", "--help")).isTrue();
    assertThat(SettingsHelp.isAskedFor("--fundamentallm.model=help")).isFalse();
  }
}
