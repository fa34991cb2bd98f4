package com.example.tenant;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The tenant as a program of its own. */
public final class Main {
  private Main() {}

  /** Takes the model directory. */
  public static void main(String[] args) throws IOException {
    try (Tenant tenant = new Tenant(Path.of(args[0]), List.of())) {
      System.out.println(tenant.call());
      System.out.println(tenant);
    }
  }
}
