package com.example.tenant;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The loader of one jar as OSGi makes it: it sees the packages of its own jar, those that other
 * jars export and its module descriptor requires, and the JDK. Files are looked for in its own jar
 * alone.
 */
final class Bundle extends URLClassLoader {
  private final Map<String, Bundle> imported = new HashMap<>();

  private Bundle(URL jar) {
    super(new URL[] {jar}, ClassLoader.getPlatformClassLoader());
  }

  /** Bundles that are wired to each other, by module name. */
  static Map<String, Bundle> of(List<Path> jars) throws IOException {
    Map<String, ModuleDescriptor> modules = new HashMap<>();
    Map<String, Bundle> bundles = new HashMap<>();
    for (Path jar : jars) {
      ModuleDescriptor module = ModuleFinder.of(jar).findAll().iterator().next().descriptor();
      modules.put(module.name(), module);
      bundles.put(module.name(), new Bundle(jar.toUri().toURL()));
    }
    for (ModuleDescriptor module : modules.values()) {
      for (ModuleDescriptor.Requires required : module.requires()) {
        ModuleDescriptor exporter = modules.get(required.name());
        if (exporter != null) {
          exporter.exports().stream()
              .filter(e -> !e.isQualified() || e.targets().contains(module.name()))
              .collect(Collectors.toMap(ModuleDescriptor.Exports::source, export -> exporter))
              .forEach(
                  (exported, from) ->
                      bundles.get(module.name()).imported.put(exported, bundles.get(from.name())));
        }
      }
    }
    return bundles;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    int end = name.lastIndexOf('.');
    Bundle exporter = imported.get(end < 0 ? "" : name.substring(0, end));
    return exporter == null ? super.findClass(name) : exporter.loadClass(name);
  }

  @Override
  public URL getResource(String name) {
    return findResource(name);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    return findResources(name);
  }
}
