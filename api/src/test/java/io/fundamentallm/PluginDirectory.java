package io.fundamentallm;

import java.io.IOException;
import java.io.StringWriter;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Classes that are compiled by a test, with a services file, in a place of their own: a plugin jar
 * as an application would put it on its class path.
 *
 * @param path where it lies
 */
record PluginDirectory(Path path) {
  /** Adds a class, compiled against api and what was added before. */
  PluginDirectory add(String name, String source) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    JavaFileObject file =
        new SimpleJavaFileObject(
            URI.create("string:///" + name.replace('.', '/') + ".java"),
            JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    StringWriter messages = new StringWriter();
    // what was added before shadows api's own classes
    String classPath = path + java.io.File.pathSeparator + api();
    List<String> options =
        List.of("-d", path.toString(), "-cp", classPath, "-proc:none", "--release", "17");
    if (!compiler.getTask(messages, null, null, options, null, List.of(file)).call()) {
      throw new IOException(messages.toString());
    }
    return this;
  }

  /** Takes a class away, as a jar of another version would lack it. */
  PluginDirectory remove(String name) throws IOException {
    Files.delete(path.resolve(name.replace('.', '/') + ".class"));
    return this;
  }

  /** Names providers of a kind. */
  PluginDirectory services(Class<?> kind, String... providers) throws IOException {
    Path directory = Files.createDirectories(path.resolve("META-INF/services"));
    Files.write(directory.resolve(kind.getName()), List.of(providers));
    return this;
  }

  /** A loader of this plugin beside the tests' own classes. */
  URLClassLoader loader() throws MalformedURLException {
    return new URLClassLoader(
        new URL[] {path.toUri().toURL()}, PluginDirectory.class.getClassLoader());
  }

  /** A loader of this plugin with a copy of api of its own. */
  URLClassLoader loaderWithApi() throws MalformedURLException {
    return new URLClassLoader(
        new URL[] {path.toUri().toURL(), api().toUri().toURL()},
        ClassLoader.getPlatformClassLoader());
  }

  /** A loader of one place that holds this plugin and api, as in an application of one jar. */
  URLClassLoader loaderOfOne() throws IOException {
    try (Stream<Path> files = Files.walk(api())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = path.resolve(api().relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
    return new URLClassLoader(
        new URL[] {path.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
  }

  private static Path api() {
    try {
      return Path.of(Registry.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
