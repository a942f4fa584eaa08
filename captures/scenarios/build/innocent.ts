/** Third parties: who serves open weights, code or models, and whom the login page uses. */

import { ALICE, CARL6, OTHER, OTHER6, ok, proxied, type Scene, socks } from './scene.ts'

export const innocent: Record<string, (scene: Scene) => void> = {
  'weights-hugging-face': (scene) => contact(scene, HUGGING_FACE),
  'weights-ollama': (scene) => contact(scene, OLLAMA),
  'models-at-clouds': (scene) => contact(scene, CLOUDS),
  'models-at-providers': (scene) => contact(scene, PROVIDERS),
  'login-page-helpers': (scene) => contact(scene, LOGIN_PAGE),
  'code-and-packages': (scene) => contact(scene, CODE),
  'chinese-model-clouds': (scene) => contact(scene, CHINESE_CLOUDS, '116.205.40.200'),
  'local-models': (scene) => {
    const generate = '{"model":"deepseek-r1:70b","prompt":"chat.deepseek.com"}'
    const head = (host: string) => `Host: ${host}\nContent-Length: ${generate.length}\n\n${generate}`
    scene.http(0, ALICE, '192.0.2.14', `POST /api/generate HTTP/1.1\n${head('192.0.2.14:11434')}`, ok('{}'), 11434)
    scene.shown.clear()
    scene.http(1, ALICE, '192.0.2.15', `POST /v1/chat/completions HTTP/1.1\n${head('gpu.lan:8000')}`, ok('{}'), 8000)
    scene.dns(2, ALICE, 'deepseek.lan', ['192.0.2.16'])
    scene.http(3, ALICE, '192.0.2.16', 'GET /v1/models HTTP/1.1\nHost: deepseek.lan:8000', ok('{}'), 8000)
  },
  'weights-in-clear': (scene) => {
    const answer =
      'HTTP/1.1 302 Found\nLocation: https://cdn-lfs.hf.co/deepseek-ai/DeepSeek-R1/model\nContent-Length: 0'
    scene.http(
      0,
      ALICE,
      OTHER,
      'GET /deepseek-ai/DeepSeek-R1/resolve/main/config.json HTTP/1.1\nHost: huggingface.co',
      answer,
    )
    scene.http(1, ALICE, OTHER, 'GET /v2/library/deepseek-r1/manifests/latest HTTP/1.1\nHost: registry.ollama.ai')
  },
  'aggregators-by-sni': (scene) => {
    AGGREGATORS.forEach((name, i) => {
      scene.tls(i, ALICE, OTHER, name)
    })
  },
  'aggregator-asked': (scene) => {
    scene.dns(0, ALICE, 'openrouter.ai', [OTHER])
  },
  'over-quic-and-http': (scene) => {
    const hosts = [...HUGGING_FACE, ...OLLAMA, ...CLOUDS, ...PROVIDERS, ...LOGIN_PAGE, ...CODE, ...CHINESE_CLOUDS]
    hosts.forEach((name, i) => {
      scene.quic(i * 2, CARL6, OTHER6, name)
      scene.http(i * 2 + 1, CARL6, OTHER6, `GET / HTTP/1.1\nHost: ${name}`)
    })
  },
  'through-proxies': (scene) => {
    ;[...HUGGING_FACE, ...OLLAMA, ...CLOUDS, ...PROVIDERS].forEach((name, i) => {
      proxied(scene, i * 2, `${name}:443`)
      socks(scene, i * 2 + 1, name)
    })
  },
  'at-dedicated-address': (scene) => {
    ;['huggingface.co', 'fonts.gstatic.com', 'api.groq.com'].forEach((name, i) => {
      scene.dns(i * 3, ALICE, name, ['3.173.21.63'])
      scene.tls(i * 3 + 1, ALICE, '3.173.21.63', name)
      scene.laterQuic(i * 3 + 2, ALICE, '3.173.21.63')
    })
  },
}

function contact(scene: Scene, hosts: readonly string[], address = OTHER): void {
  hosts.forEach((name, i) => {
    scene.dns(i * 2, ALICE, name, [address])
    scene.tls(i * 2 + 1, ALICE, address, name)
  })
}

const HUGGING_FACE = [
  'huggingface.co',
  'hf.co',
  'cdn-lfs.hf.co',
  'cdn-lfs-us-1.hf.co',
  'cdn-lfs-eu-1.hf.co',
  'transfer.xethub.hf.co',
  'transfer.xethub-eu.hf.co',
  'us.aws.cdn.hf.co',
  'us.gcp.cdn.hf.co',
  'router.huggingface.co',
]

const OLLAMA = ['registry.ollama.ai', 'ollama.com', 'dd20bb891979d25aebc8bec07b2b3bbc.r2.cloudflarestorage.com']

const CLOUDS = [
  'contoso.services.ai.azure.com',
  'contoso.openai.azure.com',
  'bedrock-runtime.us-east-1.amazonaws.com',
  'bedrock-runtime.eu-central-1.amazonaws.com',
  'aiplatform.googleapis.com',
  'europe-west4-aiplatform.googleapis.com',
  'api.cloudflare.com',
  'models.github.ai',
]

const PROVIDERS = [
  'api.together.xyz',
  'api.together.ai',
  'api.fireworks.ai',
  'api.groq.com',
  'integrate.api.nvidia.com',
  'api.perplexity.ai',
  'api.deepinfra.com',
  'inference.baseten.co',
  'api.tokenfactory.nebius.com',
  'api.novita.ai',
  'api.venice.ai',
  'llm.chutes.ai',
  'inference.do-ai.run',
]

const LOGIN_PAGE = [
  'challenges.cloudflare.com',
  'appleid.cdn-apple.com',
  'fonts.gstatic.com',
  'accounts.google.com',
  'hcaptcha.com',
  'open.weixin.qq.com',
]

const CODE = ['github.com', 'raw.githubusercontent.com', 'codeload.github.com', 'registry.npmjs.org', 'www.npmjs.com']

const CHINESE_CLOUDS = [
  'dashscope.aliyuncs.com',
  'ark.cn-beijing.volces.com',
  'qianfan.baidubce.com',
  'hunyuan.tencentcloudapi.com',
  'api.lkeap.cloud.tencent.com',
  'api.siliconflow.cn',
  'api-inference.modelscope.cn',
]

const AGGREGATORS = [
  'openrouter.ai',
  'gateway.ai.cloudflare.com',
  'ai-gateway.vercel.sh',
  'ai-gateway.helicone.ai',
  'api.kilo.ai',
  'zenmux.ai',
  'api.302.ai',
]
