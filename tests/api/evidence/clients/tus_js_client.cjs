// Send a file with tus-js-client: `node tus_js_client.cjs '{"url": ..., "file": ..., "kept": ...}'`.
//
// Each offset that the server has told is printed; the upload's place is kept in a file, so that
// the next run goes on with it. NODE_PATH names the folder of the installed packages.
const fs = require('node:fs')
const { PassThrough } = require('node:stream')
const tus = require('tus-js-client')

const asked = JSON.parse(process.argv[2])
const say = (line) => fs.writeSync(1, `${line}\n`)

const options = {
  endpoint: asked.url,
  headers: asked.headers,
  metadata: asked.metadata,
  chunkSize: asked.chunk_bytes,
  retryDelays: Array(asked.retries).fill(50),
  parallelUploads: asked.parallel,
  uploadLengthDeferred: asked.deferred,
  uploadDataDuringCreation: asked.with_creation,
  overridePatchMethod: asked.override,
  removeFingerprintOnSuccess: false,
  urlStorage: new tus.FileUrlStorage(asked.kept),
  fingerprint: () => Promise.resolve(asked.file),
  onChunkComplete: (_, accepted) => say(`at ${accepted}`),
  onError: (error) => {
    say(`error ${error}`)
    process.exit(1)
  },
  onSuccess: () => say(`done ${upload.url}`),
}
const file = fs.createReadStream(asked.file)
const body = asked.deferred ? file.pipe(new PassThrough()) : file // a stream has no length

const upload = new tus.Upload(body, options)
upload.findPreviousUploads().then((before) => {
  say(`begins ${before.length}`)
  if (before.length) upload.resumeFromPreviousUpload(before[0])
  upload.start()
})
