package com.example.onnx;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Two tenants, each in a class loader of its own, write at the same time. */
public final class SideBySide {
  private static final int TIMES = 20;

  private SideBySide() {}

  /** Takes the model directory, the runtime, the tenants' class path, and that of their parent. */
  public static void main(String[] args) throws Exception {
    ClassLoader platform = ClassLoader.getPlatformClassLoader();
    try (URLClassLoader parent = new URLClassLoader(urls(args[3]), platform);
        URLClassLoader firstLoader = new URLClassLoader(urls(args[2]), parent);
        URLClassLoader secondLoader = new URLClassLoader(urls(args[2]), parent)) {
      Callable<?> first = tenant(firstLoader, args[0], args[1]);
      System.out.println("first: " + first.call());
      Callable<?> second = tenant(secondLoader, args[0], args[1]);
      System.out.println("second: " + second.call());

      List<Future<?>> texts = new ArrayList<>();
      ExecutorService threads = Executors.newFixedThreadPool(2);
      for (int i = 0; i < TIMES; i++) {
        texts.add(threads.submit(first));
        texts.add(threads.submit(second));
      }
      threads.shutdown();
      for (Future<?> text : texts) {
        System.out.println("at the same time: " + text.get());
      }

      ((AutoCloseable) first).close();
      System.out.println("after the first has closed: " + second.call());
      ((AutoCloseable) second).close();
      boolean shared = classes(firstLoader) == classes(secondLoader);
      System.out.println("ONNX Runtime: " + (shared ? "shared" : "separate"));
    }
  }

  private static Callable<?> tenant(ClassLoader loader, String model, String runtime)
      throws Exception {
    return (Callable<?>)
        loader
            .loadClass("com.example.onnx.Tenant")
            .getConstructor(Path.class, String.class)
            .newInstance(Path.of(model), runtime);
  }

  /** The ONNX Runtime that a tenant uses. */
  private static Class<?> classes(ClassLoader tenant) throws ClassNotFoundException {
    return tenant.loadClass("ai.onnxruntime.OrtEnvironment");
  }

  private static URL[] urls(String classPath) throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      if (!entry.isEmpty()) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    return urls.toArray(URL[]::new);
  }
}
