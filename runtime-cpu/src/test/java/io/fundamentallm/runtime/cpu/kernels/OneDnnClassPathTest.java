package io.fundamentallm.runtime.cpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** JVMs with and without oneDNN's jars, and class loaders side by side. */
@Tag("onednn")
@EnabledIf("io.fundamentallm.runtime.cpu.kernels.KernelSets#oneDnnRuns")
class OneDnnClassPathTest {

  /** Prints the name of the kernels that a JVM chooses, or the error. */
  public static final class Program {
    private Program() {}

    /** Needs no arguments. */
    public static void main(String[] arguments) {
      System.out.println(choice());
    }

    /** What {@link #main} prints. */
    public static String choice() {
      try {
        return Kernels.best().name();
      } catch (IllegalStateException e) {
        return e.getMessage();
      }
    }
  }

  private static List<String> classPath() {
    return Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator));
  }

  private static String run(Predicate<String> keep, String... flags) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.add("-cp");
    command.add(classPath().stream().filter(keep).collect(Collectors.joining(File.pathSeparator)));
    command.add(Program.class.getName());
    Process java =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String printed = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(java.waitFor()).isZero();
    return printed;
  }

  private static boolean isOneDnn(String jar) {
    return jar.contains("bytedeco");
  }

  @Test
  void without_its_jars_the_java_kernels_run_and_nothing_of_it_is_loaded() throws Exception {
    String printed = run(jar -> !isOneDnn(jar), "-verbose:class");
    assertThat(printed.lines()).contains("scalar");
    assertThat(printed).contains("KernelChoice").doesNotContain("org.bytedeco.");
  }

  @Test
  void without_its_jars_asking_for_it_names_them() throws Exception {
    assertThat(run(jar -> !isOneDnn(jar), "-Dfundamentallm.kernels=onednn"))
        .startsWith(
            "-Dfundamentallm.kernels=onednn needs oneDNN: add org.bytedeco:dnnl, and"
                + " org.bytedeco:dnnl, javacpp and opencl with the classifier of this platform");
  }

  @Test
  void an_incomplete_set_of_jars_is_named() throws Exception {
    String printed = run(jar -> !jar.contains("opencl"), "-Dfundamentallm.kernels=onednn");
    assertThat(printed)
        .startsWith("-Dfundamentallm.kernels=onednn needs oneDNN: ")
        .contains("opencl with the classifier of this platform");
    assertThat(run(jar -> !jar.contains("opencl"))).isEqualToIgnoringNewLines("scalar");
  }

  @Test
  void two_class_loaders_can_have_it() throws Exception {
    for (int i = 0; i < 2; i++) {
      URL[] urls = classPath().stream().map(OneDnnClassPathTest::url).toArray(URL[]::new);
      // not closed: native libraries are unloaded with their class loader
      @SuppressWarnings("resource")
      URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
      Object name = loader.loadClass(Program.class.getName()).getMethod("choice").invoke(null);
      assertThat((String) name).startsWith("oneDNN ");
    }
  }

  private static URL url(String entry) {
    try {
      URI uri = Path.of(entry).toUri();
      return uri.toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}
