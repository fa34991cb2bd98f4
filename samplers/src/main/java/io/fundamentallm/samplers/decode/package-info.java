/**
 * Decoders: each a provider that specs select by name, each with its rule and its source in its
 * Javadoc. Not exported; applications name them in a spec.
 */
package io.fundamentallm.samplers.decode;
