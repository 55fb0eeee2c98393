/** Who a program is to an S3 store. */
export interface S3Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
  /** Of temporary ones; `null` for keys that do not end. */
  readonly sessionToken: string | null;
}

/** Whence a store's adapter has its credentials, asked before each request. */
export interface CredentialSource {
  /** The same object as long as they stay. */
  current(): Promise<S3Credentials>;
  /**
   * Told that the store refused a request.
   *
   * @param s3Code the store's own, such as `ExpiredToken`; empty where its answer had no room for one.
   * @returns whether it was because of credentials that have ended, so that trying again with other ones will help.
   */
  refused(credentials: S3Credentials, s3Code: string): boolean;
}

/** Keys that a program is given at its start. */
export function fixedCredentials(keys: { readonly accessKey: string; readonly secretKey: string }): CredentialSource {
  const credentials: S3Credentials = { ...keys, sessionToken: null };
  return { current: async () => credentials, refused: () => false };
}
