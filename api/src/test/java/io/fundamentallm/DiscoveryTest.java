package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.spi.SamplerProvider;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiscoveryTest {
  private final ClassLoader before = Thread.currentThread().getContextClassLoader();
  private PluginDirectory plugin;

  @BeforeEach
  void makePlugin(@TempDir Path directory) {
    plugin = new PluginDirectory(directory);
  }

  @AfterEach
  void restoreContextLoader() {
    Thread.currentThread().setContextClassLoader(before);
  }

  @Test
  void a_provider_on_the_class_path_is_found() {
    assertThat(Samplers.parse("on-the-class-path")).hasToString("on-the-class-path");
    assertThat(Registry.standard().explain()).contains(OnTheClassPath.class.getName() + " (file:");
  }

  @Test
  void a_provider_that_only_the_context_loader_sees_is_found() throws IOException {
    plugin.add("p.Mine", stage("Mine", "mine", "")).services(SamplerProvider.class, "p.Mine");
    try (URLClassLoader loader = plugin.loader()) {
      Thread.currentThread().setContextClassLoader(loader);
      assertThat(Samplers.parse("mine,on-the-class-path,draw")).isNotNull();
      assertThat(Registry.standard().explain())
          .contains("mine (priority 0): p.Mine (" + plugin.path().toUri().toURL());
    }
  }

  @Test
  void one_that_is_given_and_also_found_counts_once_as_it_was_given() {
    OnTheClassPath given = new OnTheClassPath();
    Registry registry = Registry.standard().with(given);
    assertThat(registry.find(SamplerProvider.class, "on-the-class-path")).isSameAs(given);
    assertThat(registry.explain())
        .contains(OnTheClassPath.class.getName() + " (given by the application): chosen, the only");
  }

  @Test
  void what_two_loaders_lead_to_counts_once() throws IOException {
    plugin.services(SamplerProvider.class, OnTheClassPath.class.getName());
    try (URLClassLoader loader = plugin.loader()) {
      Registry registry = Registry.of(before, loader, loader);
      assertThat(registry.find(SamplerProvider.class, "on-the-class-path")).isNotNull();
    }
  }

  @Test
  void a_broken_provider_leaves_the_others_working_and_is_told_with_the_next_not_found()
      throws IOException {
    plugin
        .add("p.Good", stage("Good", "good", ""))
        .add("p.Throws", stage("Throws", "throws", "static final int X = 1 / Math.abs(0);"))
        .add("p.Gone", stage("Gone", "gone", "void f(p.Good good) {}"))
        .add("p.NoProvider", "package p; public class NoProvider {}")
        .services(
            SamplerProvider.class, "p.Missing", "p.Throws", "p.NoProvider", "p.Good", "p.Gone");
    try (URLClassLoader loader = plugin.loader()) {
      Registry registry = Registry.of(loader);
      assertThat(registry.find(SamplerProvider.class, "good")).isNotNull();
      assertThat(registry.find(SamplerProvider.class, "gone")).isNotNull();
      assertThatExceptionOfType(ProviderException.class)
          .isThrownBy(() -> registry.find(SamplerProvider.class, "missing"))
          .withMessageContaining("no sampler stage named \"missing\"")
          .withMessageContaining("Could not be loaded:")
          .withMessageContaining("p.Missing")
          .withMessageContaining("p.Throws")
          .withMessageContaining("p.NoProvider")
          .withMessageMatching(
              "(?s).*Could not be loaded:.*\\]\\. Found: .*") // before the many names
          .satisfies(e -> assertThat(e.getSuppressed()).hasSize(3));
      assertThat(registry.explain()).contains("  failed: ").contains("p.Throws");
    }
  }

  @Test
  void a_malformed_services_file_leaves_the_others_working() throws IOException {
    plugin.services(SamplerProvider.class, "not a class name");
    try (URLClassLoader loader = plugin.loader()) {
      Registry registry = Registry.of(loader);
      assertThat(registry.find(SamplerProvider.class, "on-the-class-path")).isNotNull();
      assertThat(registry.explain()).contains("failed: ").contains("Illegal");
    }
  }

  @Test
  void a_provider_built_against_another_api_is_answered_with_the_bom() throws IOException {
    plugin
        .add(
            "io.fundamentallm.spi.Options",
            """
            package io.fundamentallm.spi;
            public final class Options {
              public String fromAnotherVersion() { return ""; }
            }
            """)
        .add(
            "p.Old",
            stage("Old", "old", "{ } String f(Options o) { return o.fromAnotherVersion(); }"))
        .remove("io.fundamentallm.spi.Options")
        .services(SamplerProvider.class, "p.Old");
    try (URLClassLoader loader = plugin.loader()) {
      assertThatExceptionOfType(ProviderException.class)
          .isThrownBy(() -> Samplers.parse("old", Registry.of(loader)))
          .withMessageContaining("provider p.Old from " + plugin.path().toUri().toURL())
          .withMessageContaining("does not fit this version of the api")
          .withMessageContaining("fromAnotherVersion")
          .withMessageEndingWith(
              "Align the versions of all fundamentallm artifacts with the BOM"
                  + " io.fundamentallm:fundamentallm-bom")
          .withCauseInstanceOf(NoSuchMethodError.class);
    }
  }

  @Test
  void a_loader_with_its_own_copy_of_the_api_is_not_searched() throws IOException {
    plugin.add("p.Mine", stage("Mine", "mine", "")).services(SamplerProvider.class, "p.Mine");
    try (URLClassLoader loader = plugin.loaderWithApi()) {
      Thread.currentThread().setContextClassLoader(loader);
      Registry registry = Registry.standard();
      assertThat(registry.explain())
          .contains(
              "not searched: "
                  + loader
                  + " has its own copy of "
                  + SamplerProvider.class.getName());
      assertThatExceptionOfType(ProviderException.class)
          .isThrownBy(() -> registry.find(SamplerProvider.class, "mine"));
      assertThat(registry.find(SamplerProvider.class, "on-the-class-path")).isNotNull();
    }
  }

  @Test
  void a_loader_that_does_not_see_the_api_is_not_searched() {
    Thread.currentThread().setContextClassLoader(ClassLoader.getPlatformClassLoader());
    assertThat(Registry.standard().explain())
        .contains("does not see " + SamplerProvider.class.getName());
    assertThat(Samplers.parse("on-the-class-path")).isNotNull();
    Thread.currentThread().setContextClassLoader(null);
    assertThat(Samplers.parse("on-the-class-path")).isNotNull();
  }

  @Test
  void a_thread_of_the_common_pool_finds_the_same() throws Exception {
    Callable<Recipe<Sampler>> parse = () -> Samplers.parse("on-the-class-path");
    assertThat(ForkJoinPool.commonPool().submit(parse).get()).isNotNull();
  }

  @Test
  void a_thread_of_the_common_pool_finds_what_stands_beside_api_in_a_loader_of_its_own()
      throws Exception {
    plugin.add("p.Mine", stage("Mine", "mine", "")).services(SamplerProvider.class, "p.Mine");
    try (URLClassLoader loader = plugin.loaderWithApi()) {
      Method parse = loader.loadClass(Samplers.class.getName()).getMethod("parse", String.class);
      Callable<Object> call = () -> parse.invoke(null, "mine");
      assertThat(ForkJoinPool.commonPool().submit(call).get()).hasToString("mine");
    }
  }

  @Test
  void where_jars_became_one_the_answer_says_what_may_have_been_lost() throws Exception {
    String lost = "maven-shade-plugin does so with its ServicesResourceTransformer";
    plugin.add("p.Mine", stage("Mine", "mine", ""));
    try (URLClassLoader loader = plugin.loaderOfOne()) {
      plugin.services(SamplerProvider.class, "p.Mine");
      assertThat(notFound(loader, Samplers.class, "yours"))
          .contains("jars were made into one, " + plugin.path().toUri().toURL())
          .contains(lost);
      assertThat(notFound(loader, Samplers.class, "mime"))
          .contains("Did you mean \"mine\"?")
          .contains(lost);
    }
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Samplers.parse("yours"))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("META-INF"));
  }

  @Test
  void where_jars_became_one_and_nothing_was_lost_a_slip_is_answered_without_it() throws Exception {
    plugin.add("p.Mine", stage("Mine", "temperature", ""));
    try (URLClassLoader loader = plugin.loaderOfOne()) {
      plugin.services(SamplerProvider.class, "p.Mine");
      assertThat(notFound(loader, Samplers.class, "temprature")).doesNotContain("META-INF");
      assertThat(notFound(loader, Samplers.class, "yours"))
          .contains(
              "temperature. One of a plugin may have been lost. This library's jars were made")
          .doesNotContain("fundamentallm-samplers");
    }
  }

  private static String notFound(ClassLoader loader, Class<?> kind, String spec) throws Exception {
    Method parse = loader.loadClass(kind.getName()).getMethod("parse", String.class);
    try {
      return "found " + parse.invoke(null, spec);
    } catch (InvocationTargetException e) {
      return e.getCause().getMessage();
    }
  }

  /** The source of a provider; a body with a method f has it called by create. */
  private static String stage(String type, String name, String body) {
    return """
    package p;
    import io.fundamentallm.spi.*;
    public class %s implements SamplerProvider {
      %s
      public String name() { return "%s"; }
      public SamplerStage create(Options options) {
        %s
        return SamplerStage.processor(binding -> step -> {});
      }
    }
    """
        .formatted(type, body, name, body.contains("f(Options") ? "f(options);" : "");
  }
}
