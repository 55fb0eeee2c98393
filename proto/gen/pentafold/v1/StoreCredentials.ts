// Original file: proto/pentafold/v1/worker.proto


export interface StoreCredentials {
  'accessKey'?: (string);
  'secretKey'?: (string);
  'sessionToken'?: (string);
  'validSeconds'?: (number);
}

export interface StoreCredentials__Output {
  'accessKey': (string);
  'secretKey': (string);
  'sessionToken': (string);
  'validSeconds': (number);
}
