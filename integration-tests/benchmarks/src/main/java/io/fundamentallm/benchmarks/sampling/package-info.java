/** What the stages of a sampler cost for one token. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.benchmarks.sampling;
