package com.example.quarkus;

import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import jakarta.inject.Inject;

/** Continues its argument, and prints each piece as it is written. */
@QuarkusMain
public class Main implements QuarkusApplication {
  @Inject Writer writer;

  @Override
  public int run(String... arguments) {
    writer.pieces(arguments[0]).subscribe().asStream().forEach(System.out::print);
    return 0;
  }
}
