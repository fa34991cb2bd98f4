/** Stages of sampler chains and constraints, one token at a time, under JMH. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.benchmarks.sampling;
